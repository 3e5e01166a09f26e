package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.Lsh;
import java.util.Objects;

/**
 * The random rotations that hash rows to buckets.
 *
 * @param values {@code [heads, headDim, rounds, columns]}; one head's worth where heads share them
 * @param heads heads that have rotations of their own, 1 if all share them
 * @param columns half the sum of the bucket factors
 */
public record LshRotations(float[] values, int heads, int headDim, int rounds, int columns) {
  public LshRotations {
    Objects.requireNonNull(values, "values");
    long size = (long) heads * headDim * rounds * columns;
    if (values.length != size) {
      throw new IllegalArgumentException(
          "rotations must have heads x headDim x rounds x columns = "
              + size
              + " values, had "
              + values.length
              + ": check the order of the axes");
    }
  }

  /**
   * Standard normal rotations from the pattern's seed, the same for every document of a length that
   * has the same buckets. Layers draw apart; lucidrains' variant shares one draw among heads.
   *
   * @param tokens decides the number of buckets where the pattern leaves it open
   */
  public static LshRotations draw(Lsh lsh, int layer, int heads, int headDim, int tokens) {
    int columns = columns(lsh, tokens);
    int drawn = lsh.variant() == Lsh.Variant.LUCIDRAINS ? 1 : heads;
    long size = (long) drawn * headDim * lsh.rounds() * columns;
    if (size > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "rotations must have fewer than 2^31 values, had "
              + size
              + ": give buckets as factors, like buckets=64x64");
    }
    float[] values = new float[(int) size];
    long stream = Gaussian.stream(lsh.seed(), layer);
    for (int i = 0; i < values.length; i++) {
      values[i] = Gaussian.at(stream, i);
    }
    return new LshRotations(values, drawn, headDim, lsh.rounds(), columns);
  }

  /** Columns of a rotation for a pattern over a text. */
  public static int columns(Lsh lsh, int tokens) {
    return lsh.bucketFactors(tokens).stream().mapToInt(Integer::intValue).sum() / 2;
  }
}
