package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Performer;

/**
 * The random features of linear attention: what stands in for the softmax.
 *
 * <p><b>Semantics.</b> With x = rows · projectionᵀ / headDim^(1/4), the softmax kernel's features
 * are (exp(x - |row|² / (2 sqrt(headDim)) - s) + 1e-4) / sqrt(features), s being the largest x of
 * the row for queries and of the whole document for keys; the ReLU kernel's are max(x, 0) + 1e-3.
 *
 * <p><b>Source.</b> Choromanski et al., Rethinking Attention with Performers, 2021, sections 2.3
 * and 2.4; stabilisers and floors as in lucidrains' performer-pytorch 1.1.4.
 *
 * @param projection {@code [features, headDim]} row-major
 */
public record FeatureMap(
    Performer.Kernel kernel, Direction direction, float[] projection, int features, int headDim) {
  /** Added to the softmax kernel's features before they are scaled. */
  public static final float SOFTMAX_FLOOR = 1e-4f;

  /** Added to the ReLU kernel's features. */
  public static final float RELU_FLOOR = 1e-3f;

  /** Added to each feature's sum over the keys in causal attention. */
  public static final float CAUSAL_FLOOR = 1e-6f;

  public FeatureMap {
    if (features < 1 || headDim < 1 || projection.length != (long) features * headDim) {
      throw new IllegalArgumentException(
          String.format(
              "a projection of %d features and headDim %d must hold %d values, was %d",
              features, headDim, (long) features * headDim, projection.length));
    }
  }

  /**
   * Draws the projection of a layer: orthogonal directions in blocks of headDim rows, with the
   * lengths of independent normal rows. The same pattern, layer and headDim give the same bits
   * everywhere.
   *
   * @param layer from 0
   */
  public static FeatureMap draw(Performer pattern, int layer, int headDim) {
    int features = pattern.features();
    int blocks = (features + headDim - 1) / headDim;
    long stream = Gaussian.stream(pattern.seed(), layer);
    float[] projection = new float[Math.multiplyExact(features, headDim)];
    for (int block = 0; block < blocks; block++) {
      double[][] directions = orthonormal(stream, block * headDim * headDim, headDim);
      for (int i = 0; i < headDim && block * headDim + i < features; i++) {
        int feature = block * headDim + i;
        double length = length(stream, (blocks * headDim + feature) * headDim, headDim);
        for (int d = 0; d < headDim; d++) {
          projection[feature * headDim + d] = (float) (length * directions[i][d]);
        }
      }
    }
    return new FeatureMap(pattern.kernel(), pattern.direction(), projection, features, headDim);
  }

  /** Normal rows made orthonormal one after the other (modified Gram-Schmidt). */
  private static double[][] orthonormal(long stream, int first, int size) {
    double[][] rows = new double[size][size];
    for (int i = 0; i < size; i++) {
      for (int d = 0; d < size; d++) {
        rows[i][d] = Gaussian.at(stream, first + i * size + d);
      }
      for (int j = 0; j < i; j++) {
        subtract(rows[i], rows[j], dot(rows[i], rows[j]));
      }
      double inverse = 1 / Math.sqrt(dot(rows[i], rows[i]));
      for (int d = 0; d < size; d++) {
        rows[i][d] *= inverse;
      }
    }
    return rows;
  }

  private static double length(long stream, int first, int size) {
    double squares = 0;
    for (int d = 0; d < size; d++) {
      double x = Gaussian.at(stream, first + d);
      squares += x * x;
    }
    return Math.sqrt(squares);
  }

  private static void subtract(double[] from, double[] row, double times) {
    for (int d = 0; d < row.length; d++) {
      from[d] -= times * row[d];
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += a[d] * b[d];
    }
    return sum;
  }
}
