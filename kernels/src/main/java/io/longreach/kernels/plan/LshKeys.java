package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.Lsh;

/**
 * The keys of LSH attention with shared query and key: the query rows, normalised as the variant
 * says.
 *
 * <p><b>Source.</b> transformers {@code LSHSelfAttention}: x / sqrt(mean(x²) + 1e-6) /
 * sqrt(headDim), scores unscaled; reformer-pytorch: x / max(|x|, 1e-12), scores over sqrt(headDim).
 */
public final class LshKeys {
  private static final double MEAN_FLOOR = 1e-6;
  private static final double NORM_FLOOR = 1e-12;

  private LshKeys() {}

  /** The factor on a row of which {@code squares} is the sum of squares. */
  public static double factor(Lsh.Variant variant, double squares, int headDim) {
    return variant == Lsh.Variant.REFORMER
        ? 1 / Math.sqrt(squares / headDim + MEAN_FLOOR) / Math.sqrt(headDim)
        : 1 / Math.max(Math.sqrt(squares), NORM_FLOOR);
  }

  /** What multiplies query · key. */
  public static double softmaxScale(Lsh.Variant variant, int headDim) {
    return variant == Lsh.Variant.REFORMER ? 1 : 1 / Math.sqrt(headDim);
  }

  /**
   * The keys of query rows.
   *
   * @param queryKey {@code [tokens, heads * headDim]} row-major
   */
  public static float[] of(Lsh.Variant variant, float[] queryKey, int headDim) {
    float[] keys = new float[queryKey.length];
    for (int row = 0; row < keys.length; row += headDim) {
      double squares = 0;
      for (int d = 0; d < headDim; d++) {
        squares += (double) queryKey[row + d] * queryKey[row + d];
      }
      double factor = factor(variant, squares, headDim);
      for (int d = 0; d < headDim; d++) {
        keys[row + d] = (float) (queryKey[row + d] * factor);
      }
    }
    return keys;
  }
}
