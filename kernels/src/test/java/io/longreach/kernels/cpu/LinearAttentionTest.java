package io.longreach.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.reference.ReferenceDevice;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinearAttentionTest {
  private static final int HEADS = 3;

  /** Rows of other documents before and behind. */
  private static final int AROUND = 2;

  @ParameterizedTest
  @CsvSource({
    "SOFTMAX, BIDIRECTIONAL, VECTOR",
    "SOFTMAX, CAUSAL, VECTOR",
    "RELU, BIDIRECTIONAL, VECTOR",
    "RELU, CAUSAL, VECTOR",
    "SOFTMAX, BIDIRECTIONAL, SCALAR",
    "RELU, CAUSAL, SCALAR"
  })
  void equalsTheReference(Performer.Kernel kernel, Direction direction, Instructions instructions) {
    for (int tokens : new int[] {1, 2, 63, 64, 65, 200}) {
      for (int headDim : new int[] {8, 20}) {
        FeatureMap map = FeatureMap.draw(new Performer(37, kernel, direction, 5), 1, headDim);
        try (Device cpu = CpuDevice.create(1, instructions);
            Device reference = new ReferenceDevice()) {
          float[] expected = run(reference, map, tokens);
          float[] found = run(cpu, map, tokens);
          for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found[i], 2e-5, tokens + " tokens, element " + i);
          }
        }
      }
    }
  }

  @Test
  void threadsDoNotChangeTheBits() {
    FeatureMap map =
        FeatureMap.draw(new Performer(30, Performer.Kernel.SOFTMAX, Direction.CAUSAL, 0), 0, 16);
    try (Device one = CpuDevice.create(1);
        Device three = CpuDevice.create(3)) {
      assertArrayEquals(run(one, map, 150), run(three, map, 150));
    }
  }

  @Test
  void otherDocumentsKeepTheirRows() {
    FeatureMap map =
        FeatureMap.draw(
            new Performer(30, Performer.Kernel.SOFTMAX, Direction.BIDIRECTIONAL, 0), 0, 8);
    try (Device cpu = CpuDevice.create(1)) {
      int columns = HEADS * 8;
      float[] rows = run(cpu, map, 10);
      float[] zeros = new float[AROUND * columns];
      assertArrayEquals(zeros, Arrays.copyOf(rows, zeros.length), "rows before");
      assertArrayEquals(
          zeros, Arrays.copyOfRange(rows, (AROUND + 10) * columns, rows.length), "rows behind");
    }
  }

  @Test
  void anotherHeadDimIsRefused() {
    FeatureMap map = new FeatureMap(Performer.Kernel.RELU, Direction.CAUSAL, new float[8], 1, 8);
    try (Device cpu = CpuDevice.create(1)) {
      Matrix qkv = cpu.allocate(4, 3 * 12);
      AttentionInput input =
          new AttentionInput(new View(qkv, 0), new View(qkv, 12), new View(qkv, 24), 1, 12, 1);
      IllegalArgumentException wrong =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  cpu.linearAttention(
                      input, List.of(new Device.PlacedRows(0, 4)), map, cpu.allocate(4, 12)));
      assertEquals("the features must be of headDim 12, were of 8", wrong.getMessage());
    }
  }

  /** Many features come close to softmax attention: that is what they are for. */
  @Test
  void featuresApproximateSoftmax() {
    int headDim = 8;
    Performer pattern = new Performer(4096, Performer.Kernel.SOFTMAX, Direction.BIDIRECTIONAL, 3);
    float[] query = gaussian(headDim, 1);
    float[] key = gaussian(2 * headDim, 2);
    // Short vectors: the variance grows as the exponential of their squares.
    for (float[] vectors : new float[][] {query, key}) {
      for (int i = 0; i < vectors.length; i++) {
        vectors[i] /= 2;
      }
    }
    FeatureMap map = FeatureMap.draw(pattern, 0, headDim);
    double left = kernel(map, query, key, 0);
    double right = kernel(map, query, key, headDim);
    double difference = 0;
    for (int d = 0; d < headDim; d++) {
      difference += query[d] * (key[d] - key[headDim + d]);
    }
    assertEquals(Math.exp(difference / Math.sqrt(headDim)), left / right, 0.1 * left / right);
  }

  private static double kernel(FeatureMap map, float[] query, float[] key, int offset) {
    double scale = Math.pow(map.headDim(), -0.25);
    double sum = 0;
    double squares = 0;
    for (int d = 0; d < map.headDim(); d++) {
      squares += scale * scale * key[offset + d] * key[offset + d] / 2;
    }
    for (int f = 0; f < map.features(); f++) {
      double x = 0;
      double y = 0;
      for (int d = 0; d < map.headDim(); d++) {
        x += scale * query[d] * map.projection()[f * map.headDim() + d];
        y += scale * key[offset + d] * map.projection()[f * map.headDim() + d];
      }
      sum += Math.exp(x + y - squares);
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 21})
  void directionsAreOrthogonalInBlocks(int headDim) {
    Performer pattern =
        new Performer(2 * headDim + 3, Performer.Kernel.SOFTMAX, Direction.CAUSAL, 9);
    float[] projection = FeatureMap.draw(pattern, 2, headDim).projection();
    assertArrayEquals(projection, FeatureMap.draw(pattern, 2, headDim).projection());
    for (int i = 0; i < pattern.features(); i++) {
      for (int j = 0; j < i; j++) {
        double cosine = cosine(projection, i, j, headDim);
        boolean together = i / headDim == j / headDim;
        assertEquals(together ? 0 : cosine, cosine, 1e-5, i + " and " + j);
      }
    }
    assertFalse(
        Arrays.equals(projection, FeatureMap.draw(pattern, 3, headDim).projection()),
        "another layer is another draw");
  }

  private static double cosine(float[] rows, int i, int j, int size) {
    double dot = 0;
    double left = 0;
    double right = 0;
    for (int d = 0; d < size; d++) {
      dot += rows[i * size + d] * (double) rows[j * size + d];
      left += rows[i * size + d] * (double) rows[i * size + d];
      right += rows[j * size + d] * (double) rows[j * size + d];
    }
    return dot / Math.sqrt(left * right);
  }

  /** Query, key and value side by side, the document between rows of others. */
  private static float[] run(Device device, FeatureMap map, int tokens) {
    int columns = HEADS * map.headDim();
    int rows = tokens + 2 * AROUND;
    Matrix qkv = device.upload(gaussian(rows * 3 * columns, tokens), rows, 3 * columns);
    AttentionInput input =
        new AttentionInput(
            new View(qkv, 0),
            new View(qkv, columns),
            new View(qkv, 2 * columns),
            HEADS,
            map.headDim(),
            1);
    Matrix context = device.allocate(rows, columns);
    device.linearAttention(input, List.of(new Device.PlacedRows(AROUND, tokens)), map, context);
    return device.download(context, 0, rows);
  }

  private static float[] gaussian(int size, long seed) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
