package io.longreach.encoders;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PoolingTest {
  /** Three tokens of two columns. */
  private static final HiddenStates STATES = new Rows(new float[] {1, -6, 2, 8, 6, -2}, 2);

  @ParameterizedTest
  @CsvSource({
    "mean,          0, 3, 3, 0",
    "mean,          1, 3, 4, 3",
    "cls,           0, 3, 1, -6",
    "cls,           1, 2, 2, 8",
    "max,           0, 3, 6, 8",
    "max,           2, 3, 6, -2",
    "last,          0, 3, 6, -2",
    "weighted_mean, 0, 3, 3.8333333, 0.6666667",
    "weighted_mean, 1, 3, 4.6666667, 1.3333333"
  })
  void poolsASpan(String pooling, int first, int last, double x, double y) {
    double[] pooled = Pooling.parse(pooling).pool(STATES, first, last);
    assertArrayEquals(new double[] {x, y}, pooled, 1e-6, pooling);
  }

  @ParameterizedTest
  @EnumSource(value = Pooling.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
  void blocksOfRowsMakeNoDifference(Pooling pooling) {
    float[] ramp = new float[5000];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = (i * 37) % 101;
    }
    double expected =
        switch (pooling) {
          case MEAN -> mean(ramp, false);
          case WEIGHTED_MEAN -> mean(ramp, true);
          case MAX -> 100;
          case CLS -> ramp[0];
          default -> ramp[ramp.length - 1];
        };
    assertEquals(expected, pooling.pool(new Rows(ramp, 1), 0, ramp.length)[0], 1e-9);
  }

  private static double mean(float[] values, boolean weighted) {
    double sum = 0;
    double weights = 0;
    for (int i = 0; i < values.length; i++) {
      double weight = weighted ? i + 1 : 1;
      sum += weight * values[i];
      weights += weight;
    }
    return sum / weights;
  }

  @Test
  void anEmptySpanIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Pooling.MEAN.pool(STATES, 2, 2));
    IllegalArgumentException unknown =
        assertThrows(IllegalArgumentException.class, () -> Pooling.parse("median"));
    assertTrue(unknown.getMessage().contains("weighted_mean, was 'median'"), unknown.getMessage());
  }

  @Test
  void vectorsAreCutBeforeTheyAreScaled() {
    VectorOptions first = new VectorOptions(Pooling.CLS, 1, VectorOptions.Scale.UNIT);
    assertArrayEquals(new float[] {1}, first.vector(Pooling.MEAN, STATES, 1, 3));
    VectorOptions raw = new VectorOptions(Pooling.AUTO, 0, VectorOptions.Scale.RAW);
    assertArrayEquals(new float[] {3, 0}, raw.vector(Pooling.MEAN, STATES, 0, 3));
    VectorOptions unit = VectorOptions.defaults();
    assertArrayEquals(new float[] {0.8f, 0.6f}, unit.vector(Pooling.MEAN, STATES, 1, 3), 1e-6f);
    assertThrows(
        IllegalArgumentException.class,
        () -> new VectorOptions(Pooling.AUTO, 3, VectorOptions.Scale.UNIT).dimensions(2));
  }

  @Test
  void precisions() {
    assertArrayEquals(new byte[] {127, -32, 0}, Precision.int8(new float[] {2, -0.5f, 0}));
    assertArrayEquals(new byte[2], Precision.int8(new float[2]), "zeros stay zeros");
    float[] nine = {1, -1, 0, 2, -3, 4, 5, -6, 7};
    assertArrayEquals(new byte[] {(byte) 0b10010110, (byte) 0x80}, Precision.binary(nine));
  }

  private record Rows(float[] values, int columns) implements HiddenStates {
    @Override
    public int tokens() {
      return values.length / columns;
    }

    @Override
    public String pattern() {
      return "dense";
    }

    @Override
    public int tokensUsed() {
      return tokens();
    }

    @Override
    public float[] rows(int firstToken, int lastToken) {
      return Arrays.copyOfRange(values, firstToken * columns, lastToken * columns);
    }

    @Override
    public List<String> warnings() {
      return List.of();
    }
  }
}
