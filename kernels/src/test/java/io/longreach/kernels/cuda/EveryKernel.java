package io.longreach.kernels.cuda;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.device.RowReduction;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshRotations;
import io.longreach.kernels.plan.Schedules;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A little work for every kernel, for what is to meet all of them once. */
final class EveryKernel {
  private static final int TOKENS = 150;
  private static final int HEADS = 2;

  /** What shares a launch where documents can. */
  private static final List<Device.PlacedRows> DOCUMENTS =
      List.of(new Device.PlacedRows(0, 97), new Device.PlacedRows(97, TOKENS - 97));

  private final Device device;
  private final List<float[]> results = new ArrayList<>();

  private EveryKernel(Device device) {
    this.device = device;
  }

  /**
   * Results in the order in which they are computed.
   *
   * @param outputs of a linear layer: the more, the larger its tiles
   */
  static List<float[]> run(Device device, int outputs) {
    EveryKernel all = new EveryKernel(device);
    for (int headDim : new int[] {24, 40, 72}) {
      all.attention(headDim);
    }
    all.globalRows();
    all.layers(outputs);
    all.rows();
    return all.results;
  }

  private void keep(Matrix matrix) {
    results.add(device.download(matrix, 0, matrix.rows()));
  }

  private void attention(int headDim) {
    int width = HEADS * headDim;
    Matrix rows = device.upload(waves(TOKENS * 3 * width), TOKENS, 3 * width);
    Matrix qkv = device.allocateOperand(TOKENS, 3 * width);
    int[] all = IntStream.range(0, TOKENS).toArray();
    device.copyRows(rows, all, qkv, all);
    device.rotate(new View(qkv, 0), 2 * HEADS, device.rotation(1e4, headDim), DOCUMENTS);
    Matrix context = device.allocateOperand(TOKENS, width);
    for (String pattern : List.of("window(40)", "window(5) + random(3)", "global(0, 9)")) {
      AttentionSchedule schedule =
          Schedules.of(AttentionPattern.parse(pattern), 0, HEADS, TOKENS, device.tiles(), null);
      float[] logSumExp = new float[TOKENS * HEADS];
      device.attention(input(qkv, headDim), 0, schedule, context, logSumExp);
      results.add(logSumExp);
      keep(context);
    }
    for (Direction direction : Direction.values()) {
      Performer performer = new Performer(70, Performer.Kernel.SOFTMAX, direction, 1);
      FeatureMap map = FeatureMap.draw(performer, 0, headDim);
      device.linearAttention(input(rows, headDim), DOCUMENTS, map, context);
      keep(context);
    }
    hashed(headDim);
  }

  /** Few queries of so many keys that they are seen in parts. */
  private void globalRows() {
    int tokens = 2500;
    Matrix rows = device.upload(waves(tokens * 24), tokens, 24);
    Matrix context = device.allocateOperand(tokens, 8);
    AttentionInput input =
        new AttentionInput(new View(rows, 0), new View(rows, 8), new View(rows, 16), 1, 8, 0.3f);
    AttentionSchedule schedule =
        Schedules.globalRows(new int[] {0, 70, 2499}, tokens, device.tiles(), null);
    device.attention(input, 0, schedule, context, null);
    results.add(device.download(context, 0, 1));
    results.add(device.download(context, 2499, 2500));
  }

  /** Rows stay float32: rounded ones fall into other buckets than the reference's. */
  private void hashed(int headDim) {
    int width = HEADS * headDim;
    Matrix queries = device.upload(waves(TOKENS * width), TOKENS, width);
    Matrix context = device.allocateOperand(TOKENS, width);
    Lsh lsh = (Lsh) AttentionPattern.parse("lsh(buckets=8, rounds=2, chunk=40)");
    List<Device.PlacedLsh> documents = new ArrayList<>();
    for (Device.PlacedRows rows : DOCUMENTS) {
      LshRotations rotations = LshRotations.draw(lsh, 0, HEADS, headDim, rows.tokens());
      LshDocument document = new LshDocument(lsh, rotations, rows.tokens(), null);
      documents.add(new Device.PlacedLsh(rows.firstRow(), document));
    }
    View query = new View(queries, 0);
    View key = new View(device.lshKeys(lsh.variant(), queries, headDim), 0);
    device.lshAttention(
        new AttentionInput(query, key, query, HEADS, headDim, 0.2f), documents, context);
    keep(context);
  }

  private void layers(int outputs) {
    Matrix in = device.upload(waves(130 * 24), 130, 24);
    Matrix out = device.allocateOperand(130, outputs);
    Device.Linear wide = device.linear(small(24 * outputs), waves(outputs), 24, outputs);
    device.linear(in, wide, Activation.NONE, out);
    keep(out);
    Device.Linear up = device.linear(small(24 * 50), null, 24, 50);
    Device.Linear down = device.linear(small(50 * 24), null, 50, 24);
    Matrix few = device.upload(waves(33 * 24), 33, 24);
    device.feedForward(few, new Device.FeedForward(up, up, Activation.GELU, down), few);
    keep(few);
    for (int columns : new int[] {24, 1025}) {
      Matrix rows = device.upload(waves(5 * columns), 5, columns);
      Matrix residual = device.upload(waves(5 * columns), 5, columns);
      device.add(residual, rows);
      device.addNorm(rows, residual, device.norm(waves(columns), null, 1e-5f), rows);
      keep(rows);
    }
  }

  private void rows() {
    Device.Table words = device.table(waves(30 * 12), 30, 12);
    Device.Table places = device.table(waves(4 * 12), 4, 12);
    Matrix out = device.allocate(3, 12);
    device.embed(new Device.Table[] {words, places}, new int[][] {{29, 0, 7}, {0, 3, 1}}, out);
    keep(device.join(out, device.upload(waves(9), 3, 3)));
    double[] mean = device.reduce(out, List.of(new Device.PlacedRows(0, 3)), RowReduction.SUM)[0];
    float[] values = new float[mean.length];
    IntStream.range(0, values.length).forEach(i -> values[i] = (float) mean[i]);
    results.add(values);
  }

  private static AttentionInput input(Matrix qkv, int headDim) {
    int width = HEADS * headDim;
    return new AttentionInput(
        new View(qkv, 0), new View(qkv, width), new View(qkv, 2 * width), HEADS, headDim, 0.2f);
  }

  /** Weights that keep sums near one, where bf16 is as near as its bound says. */
  private static float[] small(int size) {
    float[] values = waves(size);
    for (int i = 0; i < size; i++) {
      values[i] *= 0.2f;
    }
    return values;
  }

  /** Values without a period that a tile or a head could fall in with. */
  private static float[] waves(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) Math.sin(i * (1 + 1e-3 * (i % 7)));
    }
    return values;
  }
}
