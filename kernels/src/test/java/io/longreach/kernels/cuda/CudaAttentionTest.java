package io.longreach.kernels.cuda;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshRotations;
import io.longreach.kernels.plan.Schedules;
import io.longreach.kernels.plan.TileShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention of all kinds by the CUDA sources, on the host. */
class CudaAttentionTest extends DeviceComparison {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense",
        "window(3)",
        "window(40)",
        "window(left=9, right=0)",
        "dilated(5, rate=3)",
        "window(5) + global(0, 7)",
        "window(5) + random(3)",
        "bigbird(block=8, window=3, random=1, global=1)"
      })
  void attentionEqualsTheReference(String pattern) {
    for (int tokens : new int[] {1, 33, 100}) {
      if (tokens < (pattern.contains("bigbird") ? 65 : pattern.contains("global") ? 8 : 1)) {
        continue;
      }
      for (int headDim : new int[] {8, 80}) {
        Function<Device, float[]> run =
            device -> attention(device, pattern, tokens, headDim, device.tiles(), 0);
        String what = pattern + ", " + tokens + " tokens, headDim " + headDim;
        assertClose(run, cuda, FLOAT, what);
        run = device -> attention(device, pattern, tokens, headDim, tensorCores.tiles(), 0);
        assertClose(run, tensorCores, BFLOAT, "bf16 " + what);
      }
    }
  }

  @Test
  void tilesOfAnyShapeAndDocumentsAnywhereGiveTheSame() {
    for (TileShape tiles : List.of(new TileShape(7, 5), new TileShape(65, 300))) {
      Function<Device, float[]> run = device -> attention(device, "window(20)", 90, 24, tiles, 0);
      assertClose(run, cuda, FLOAT, "" + tiles);
      assertClose(run, tensorCores, BFLOAT, "bf16 " + tiles);
    }
    for (int headDim : new int[] {20, 40}) {
      Function<Device, float[]> run =
          device -> attention(device, "window(20)", 50, headDim, cuda.tiles(), 33);
      assertClose(run, cuda, FLOAT, "from row 33");
      assertClose(run, tensorCores, BFLOAT, "bf16 from row 33");
    }
  }

  /**
   * Global rows are computed in parts of keys, alone, beside separate passes and among merged ones.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "global(0, 2299)",
        "window(5) + global(0, 70)",
        "global(3) + window(2) + dilated(2, rate=3)"
      })
  void fewQueriesOfManyKeysGiveTheSameInParts(String pattern) {
    Function<Device, float[]> run =
        device -> attention(device, pattern, 2300, 8, tensorCores.tiles(), 3);
    assertClose(run, cuda, FLOAT, pattern);
    assertClose(run, tensorCores, BFLOAT, "bf16 " + pattern);
  }

  /** Context and logSumExp of a document that lies among rows of NaN. */
  private static float[] attention(
      Device device, String pattern, int tokens, int headDim, TileShape tiles, int firstRow) {
    int heads = 2;
    int width = heads * headDim;
    float[] all = new float[(firstRow + tokens) * 3 * width];
    Arrays.fill(all, Float.NaN);
    float[] own = gaussian(tokens * 3 * width, tokens);
    System.arraycopy(own, 0, all, firstRow * 3 * width, own.length);
    Matrix qkv = device.upload(all, firstRow + tokens, 3 * width);
    AttentionInput input =
        new AttentionInput(
            new AttentionInput.View(qkv, 0),
            new AttentionInput.View(qkv, width),
            new AttentionInput.View(qkv, 2 * width),
            heads,
            headDim,
            (float) (1 / Math.sqrt(headDim)));
    float[] logSumExp = new float[tokens * heads];
    Matrix context = device.allocate(firstRow + tokens, width);
    device.attention(
        input,
        firstRow,
        Schedules.of(AttentionPattern.parse(pattern), 0, heads, tokens, tiles, null),
        context,
        logSumExp);
    return concatenated(device.download(context, firstRow, firstRow + tokens), logSumExp);
  }

  /**
   * More buckets than the sort takes in one pass, chunks that tiles cut, padding, lonely tokens.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "lsh(buckets=4, rounds=2, chunk=16)",
        "lsh(buckets=20x20, rounds=1, chunk=50, before=0)",
        "lsh(buckets=2, rounds=3, chunk=40, after=1, hashed=separate)",
        "causal(lsh(buckets=8, rounds=2, chunk=7))",
        "causal(lsh(buckets=6, rounds=2, chunk=70, hashed=separate))"
      })
  void lshEqualsTheReference(String pattern) {
    Lsh lsh = (Lsh) AttentionPattern.parse(pattern);
    BitSet valid = new BitSet();
    valid.set(0, 149);
    valid.clear(3);
    LshRotations rotations = LshRotations.draw(lsh, 0, 2, 72, 150);
    Function<Device, float[]> run =
        device -> {
          Matrix queries = device.upload(gaussian(152 * 144, 1), 152, 144);
          Matrix keys =
              lsh.hashed() == Lsh.Hashed.SHARED
                  ? device.lshKeys(lsh.variant(), queries, 72)
                  : device.upload(gaussian(152 * 144, 2), 152, 144);
          Matrix values = device.upload(gaussian(152 * 144, 3), 152, 144);
          Matrix context = device.allocate(152, 144);
          AttentionInput input =
              new AttentionInput(
                  new AttentionInput.View(queries, 0),
                  new AttentionInput.View(keys, 0),
                  new AttentionInput.View(values, 0),
                  2,
                  72,
                  0.1f);
          LshDocument document = new LshDocument(lsh, rotations, 150, valid);
          device.lshAttention(input, List.of(new Device.PlacedLsh(1, document)), context);
          return device.download(context, 0, 152);
        };
    assertClose(run, cuda, FLOAT, pattern);
    assertClose(run, tensorCores, BFLOAT, "bf16 " + pattern);
  }

  /** Patterns of one pass and of several, in heads alike and apart, in one launch. */
  @Test
  void documentsOfOneBatchGiveTheSameAsAlone() {
    List<String> patterns = List.of("window(9)", "window(3) + random(2)", "dilated(4, rate=2)");
    int[] tokens = {40, 130, 33};
    int[] firstRows = {130, 0, 170};
    Function<Device, float[]> batch =
        device -> {
          Matrix context = device.allocateOperand(203, 48);
          List<Device.Placed> documents = new ArrayList<>();
          for (int d = 0; d < tokens.length; d++) {
            AttentionSchedule schedule =
                Schedules.of(
                    AttentionPattern.parse(patterns.get(d)), 0, 2, tokens[d], cuda.tiles(), null);
            documents.add(new Device.Placed(firstRows[d], schedule));
          }
          Matrix qkv = device.upload(gaussian(203 * 144, 3), 203, 144);
          Matrix operand = device.allocateOperand(203, 144);
          int[] rows = IntStream.range(0, 203).toArray();
          device.copyRows(qkv, rows, operand, rows);
          AttentionInput input =
              new AttentionInput(
                  new AttentionInput.View(operand, 0),
                  new AttentionInput.View(operand, 48),
                  new AttentionInput.View(operand, 96),
                  2,
                  24,
                  0.2f);
          device.attention(input, documents, context);
          return device.download(context, 0, 203);
        };
    assertClose(batch, cuda, FLOAT, "batch");
    assertClose(batch, tensorCores, BFLOAT, "bf16 batch");
  }

  @ParameterizedTest
  @CsvSource({
    "SOFTMAX, BIDIRECTIONAL, 24, 100",
    "SOFTMAX, CAUSAL, 24, 70",
    "RELU, BIDIRECTIONAL, 80, 30",
    "RELU, CAUSAL, 80, 130"
  })
  void linearAttentionEqualsTheReference(
      Performer.Kernel kernel, Direction direction, int headDim, int features) {
    for (int tokens : new int[] {1, 65, 150}) {
      assertClose(
          device -> {
            int width = 2 * headDim;
            float[] rows = gaussian((tokens + 3) * 3 * width, tokens);
            Matrix qkv = device.upload(rows, tokens + 3, 3 * width);
            Matrix context = device.allocate(tokens + 3, width);
            device.linearAttention(
                new AttentionInput(
                    new AttentionInput.View(qkv, 0),
                    new AttentionInput.View(qkv, width),
                    new AttentionInput.View(qkv, 2 * width),
                    2,
                    headDim,
                    1),
                List.of(new Device.PlacedRows(2, tokens)),
                FeatureMap.draw(new Performer(features, kernel, direction, 5), 0, headDim),
                context);
            return device.download(context, 0, tokens + 3);
          },
          cuda,
          FLOAT,
          tokens + " tokens");
    }
  }
}
