package io.longreach.kernels.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.plan.Schedules;
import io.longreach.kernels.plan.TileShape;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceDeviceTest {
  private final Device device = new ReferenceDevice();

  /** Published values (Abramowitz and Stegun, table 7.1, and the C library). */
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.1, 0.1124629160182849",
    "0.5, 0.5204998778130465",
    "1, 0.8427007929497149",
    "2, 0.9953222650189527",
    "2.4999, 0.9995928300996666",
    "2.5, 0.9995930479825550",
    "3, 0.9999779095030014",
    "6, 1",
    "-1, -0.8427007929497149"
  })
  void erf(double x, double expected) {
    assertEquals(expected, Functions.erf(x), 1e-10);
  }

  @Test
  void linearIsXWTransposedPlusBias() {
    Matrix in = device.upload(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Matrix out = device.allocate(2, 2);
    Device.Linear layer =
        device.linear(new float[] {1, 0, -1, 2, 2, 2}, new float[] {10, -20}, 3, 2);
    device.linear(in, layer, Activation.NONE, out);
    assertArrayEquals(new float[] {8, -8, 8, 10}, device.download(out, 0, 2));
    device.linear(in, layer, Activation.RELU, out);
    assertArrayEquals(new float[] {8, 0, 8, 10}, device.download(out, 0, 2));
  }

  @Test
  void activations() {
    assertEquals(0.8413447460685429, Functions.activate(Activation.GELU, 1), 1e-12);
    assertEquals(0.8411919906082768, Functions.activate(Activation.GELU_TANH, 1), 1e-12);
  }

  @Test
  void normOfASum() {
    Matrix in = device.upload(new float[] {1, 3}, 1, 2);
    Matrix residual = device.upload(new float[] {1, 3}, 1, 2);
    device.addNorm(in, residual, device.norm(new float[] {2, 2}, new float[] {1, 1}, 0f), residual);
    assertArrayEquals(new float[] {-1, 3}, device.download(residual, 0, 1));
    device.addNorm(in, null, device.norm(new float[] {1, 1}, null, 0f), in);
    assertArrayEquals(new float[] {-1, 1}, device.download(in, 0, 1));
  }

  @Test
  void embeddingsAreSums() {
    Device.Table words = device.table(new float[] {1, 2, 3, 4}, 2, 2);
    Device.Table positions = device.table(new float[] {10, 20, 30, 40}, 2, 2);
    Matrix out = device.allocate(2, 2);
    device.embed(new Device.Table[] {words, positions}, new int[][] {{1, 0}, {0, 1}}, out);
    assertArrayEquals(new float[] {13, 24, 31, 42}, device.download(out, 0, 2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense", "window(3)", "window(200)"})
  void attentionIsTheSoftmaxOverWhatThePatternAllows(String text) {
    int heads = 2;
    int headDim = 8;
    int tokens = 37;
    int firstRow = 3;
    int columns = 3 * heads * headDim;
    float[] qkv = new float[(firstRow + tokens) * columns];
    Random random = new Random(5);
    for (int i = 0; i < qkv.length; i++) {
      qkv[i] = (float) random.nextGaussian();
    }
    Matrix matrix = device.upload(qkv, firstRow + tokens, columns);
    AttentionInput input =
        new AttentionInput(
            new AttentionInput.View(matrix, 0),
            new AttentionInput.View(matrix, heads * headDim),
            new AttentionInput.View(matrix, 2 * heads * headDim),
            heads,
            headDim,
            0.3f);
    PositionalPattern pattern = (PositionalPattern) AttentionPattern.parse(text);
    Matrix context = device.allocate(firstRow + tokens, heads * headDim);
    float[] logSumExp = new float[tokens * heads];
    device.attention(
        input, firstRow, Schedules.of(pattern, tokens, new TileShape(7, 5)), context, logSumExp);
    float[] found = device.download(context, firstRow, firstRow + tokens);
    for (int head = 0; head < heads; head++) {
      for (int query = 0; query < tokens; query++) {
        double total = 0;
        double[] expected = new double[headDim];
        for (int key = 0; key < tokens; key++) {
          if (pattern.attends(query, key, tokens)) {
            double score = 0;
            for (int i = 0; i < headDim; i++) {
              score +=
                  (double) qkv[(firstRow + query) * columns + head * headDim + i]
                      * qkv[(firstRow + key) * columns + (heads + head) * headDim + i];
            }
            double weight = Math.exp(score * 0.3f);
            total += weight;
            for (int i = 0; i < headDim; i++) {
              expected[i] +=
                  weight * qkv[(firstRow + key) * columns + (2 * heads + head) * headDim + i];
            }
          }
        }
        assertEquals(Math.log(total), logSumExp[query * heads + head], 1e-6);
        for (int i = 0; i < headDim; i++) {
          assertEquals(
              expected[i] / total, found[(query * heads + head) * headDim + i], 1e-6, "context");
        }
      }
    }
  }
}
