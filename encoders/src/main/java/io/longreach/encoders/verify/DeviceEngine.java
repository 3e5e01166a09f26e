package io.longreach.encoders.verify;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshKeys;
import io.longreach.kernels.plan.LshRotations;
import io.longreach.kernels.plan.Schedules;
import java.util.BitSet;
import java.util.List;

/** A device by its plans. */
final class DeviceEngine implements Engine {
  private static final double BOUND = 2e-5;
  private static final double ENCODER_BOUND = 5e-5;
  private static final double GPU_BOUND = 1e-4;
  private static final double BF16_BOUND = 2e-2;

  private final Device device;
  private final double bound;
  private final double encoderBound;
  private final boolean relative;

  private DeviceEngine(Device device, double bound, double encoderBound, boolean relative) {
    this.device = device;
    this.bound = bound;
    this.encoderBound = encoderBound;
    this.relative = relative;
  }

  static DeviceEngine float32(Device device) {
    return new DeviceEngine(device, BOUND, ENCODER_BOUND, false);
  }

  /** A GPU sums in another order than the host, and its functions are not the host's. */
  static DeviceEngine gpu(Device device) {
    return new DeviceEngine(device, GPU_BOUND, GPU_BOUND, false);
  }

  static DeviceEngine bf16(Device device) {
    return new DeviceEngine(device, BF16_BOUND, BF16_BOUND, true);
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public double attentionBound() {
    return bound;
  }

  @Override
  public double encoderBound() {
    return encoderBound;
  }

  @Override
  public double error(double difference, double largest) {
    return relative ? difference / Math.max(1, largest) : difference;
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public Engine inFloat32() {
    return relative ? gpu(device.inFloat32()) : this;
  }

  @Override
  public double[][][] positional(
      List<PositionalPattern> heads, Tensors tensors, double softmaxScale, BitSet valid) {
    AttentionSchedule schedule = Schedules.of(heads, tensors.tokens(), device.tiles(), valid);
    float[] query = rows(tensors.query());
    return attention(
        query, rows(tensors.key()), rows(tensors.value()), tensors, (float) softmaxScale, schedule);
  }

  @Override
  public double[][][] lsh(Lsh lsh, Tensors tensors, LshRotations rotations, BitSet valid) {
    int tokens = tensors.tokens();
    int headDim = tensors.headDim();
    float[] query = rows(tensors.query());
    Matrix queries = device.upload(query, tokens, tensors.heads() * headDim);
    AttentionInput own =
        input(
            query,
            query,
            rows(tensors.value()),
            tensors,
            (float) LshKeys.softmaxScale(lsh.variant(), headDim));
    AttentionInput input =
        new AttentionInput(
            new View(queries, 0),
            new View(device.lshKeys(lsh.variant(), queries, headDim), 0),
            own.value(),
            own.heads(),
            headDim,
            own.softmaxScale());
    Matrix context = device.allocate(tokens, queries.columns());
    LshDocument document = new LshDocument(lsh, rotations, tokens, valid);
    device.lshAttention(input, List.of(new Device.PlacedLsh(0, document)), context);
    return heads(device.download(context, 0, tokens), tensors);
  }

  @Override
  public double[][][] linear(Performer performer, Tensors tensors, double[][] projection) {
    int headDim = tensors.headDim();
    float[] rowMajor = new float[projection.length * headDim];
    for (int i = 0; i < rowMajor.length; i++) {
      rowMajor[i] = (float) projection[i / headDim][i % headDim];
    }
    FeatureMap features =
        new FeatureMap(
            performer.kernel(), performer.direction(), rowMajor, projection.length, headDim);
    AttentionInput input =
        input(rows(tensors.query()), rows(tensors.key()), rows(tensors.value()), tensors, 1);
    Matrix context = device.allocate(tensors.tokens(), tensors.heads() * headDim);
    device.linearAttention(
        input, List.of(new Device.PlacedRows(0, tensors.tokens())), features, context);
    return heads(device.download(context, 0, tensors.tokens()), tensors);
  }

  private double[][][] attention(
      float[] query,
      float[] key,
      float[] value,
      Tensors tensors,
      float softmaxScale,
      AttentionSchedule schedule) {
    int tokens = tensors.tokens();
    Matrix context = device.allocate(tokens, tensors.heads() * tensors.headDim());
    device.attention(input(query, key, value, tensors, softmaxScale), 0, schedule, context, null);
    return heads(device.download(context, 0, tokens), tensors);
  }

  private AttentionInput input(
      float[] query, float[] key, float[] value, Tensors tensors, float softmaxScale) {
    int tokens = tensors.tokens();
    int columns = tensors.heads() * tensors.headDim();
    return new AttentionInput(
        new View(device.upload(query, tokens, columns), 0),
        new View(device.upload(key, tokens, columns), 0),
        new View(device.upload(value, tokens, columns), 0),
        tensors.heads(),
        tensors.headDim(),
        softmaxScale);
  }

  /** From {@code [heads][tokens][headDim]} to {@code [tokens, heads * headDim]}. */
  private static float[] rows(double[][][] heads) {
    int tokens = heads[0].length;
    int headDim = heads[0][0].length;
    float[] rows = new float[heads.length * tokens * headDim];
    for (int head = 0; head < heads.length; head++) {
      for (int token = 0; token < tokens; token++) {
        int to = (token * heads.length + head) * headDim;
        for (int d = 0; d < headDim; d++) {
          rows[to + d] = (float) heads[head][token][d];
        }
      }
    }
    return rows;
  }

  private static double[][][] heads(float[] rows, Tensors tensors) {
    int headDim = tensors.headDim();
    double[][][] heads = new double[tensors.heads()][tensors.tokens()][headDim];
    for (int head = 0; head < heads.length; head++) {
      for (int token = 0; token < heads[head].length; token++) {
        int from = (token * heads.length + head) * headDim;
        for (int d = 0; d < headDim; d++) {
          heads[head][token][d] = rows[from + d];
        }
      }
    }
    return heads;
  }
}
