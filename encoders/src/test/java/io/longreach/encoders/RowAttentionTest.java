package io.longreach.encoders;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.transformer.RowAttention;
import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.reference.ReferenceDevice;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowAttentionTest {
  private static final int TOKENS = 133;
  private static final int COLUMNS = 24;

  private static RowAttention.Rows rows() {
    Random random = new Random(11);
    float[][] qkv = new float[3][TOKENS * COLUMNS];
    for (float[] matrix : qkv) {
      for (int i = 0; i < matrix.length; i++) {
        matrix[i] = (float) random.nextGaussian();
      }
    }
    return new RowAttention.Rows(qkv[0], qkv[1], qkv[2], TOKENS, COLUMNS);
  }

  /** The same patterns by the double-precision device: hashes and features are drawn alike. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense",
        "window(7) + global(0)",
        "heads(0: window(3); *: dilated(4, rate=2))",
        "lsh(rounds=2, chunk=16)",
        "causal(lsh(buckets=8, rounds=1, chunk=16))",
        "performer(features=96)",
        "causal(performer(features=96, kernel=relu))"
      })
  void everyPatternIsThatOfTheReferenceDevice(String text) {
    AttentionPattern pattern = AttentionPattern.parse(text);
    try (Device cpu = CpuDevice.create(2);
        Device reference = new ReferenceDevice()) {
      float[] found = new RowAttention(cpu, pattern, 3).context(rows());
      float[] expected = new RowAttention(reference, pattern, 3).context(rows());
      assertArrayEquals(expected, found, 2e-4f);
      assertTrue(found[found.length - 1] != 0);
    }
  }

  @Test
  void nothingIsNothing() {
    RowAttention attention =
        new RowAttention(CpuDevice.create(1), AttentionPattern.parse("window(3)"), 2);
    float[] none = new float[0];
    assertEquals(0, attention.context(new RowAttention.Rows(none, none, none, 0, 0)).length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          dense               | 0 | heads must be at least 1
          dense               | 5 | heads must divide the length of a row, were 5 for rows of 24
          0: dense; *: dense  | 1 | pattern must be that of one layer
          heads(0: dense)     | 2 | head
          """)
  void whatCannotBeIsNamed(String pattern, int heads, String reason) {
    IllegalArgumentException failure =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new RowAttention(CpuDevice.create(1), AttentionPattern.parse(pattern), heads)
                    .context(rows()));
    assertTrue(failure.getMessage().contains(reason), failure.getMessage());
  }

  @Test
  void rowsMustFitTogether() {
    float[] shorter = Arrays.copyOf(rows().key(), 5);
    assertThrows(
        IllegalArgumentException.class,
        () -> new RowAttention.Rows(rows().query(), shorter, rows().value(), TOKENS, COLUMNS));
  }
}
