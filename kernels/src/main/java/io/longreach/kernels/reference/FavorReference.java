package io.longreach.kernels.reference;

import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Performer;

/**
 * Linear attention by random features, computed the dull way: every weight f(q) · f(k) by itself.
 *
 * <p><b>Source.</b> Choromanski et al. 2021; stabilisers and small constants as in lucidrains'
 * performer-pytorch 1.1.4.
 */
public final class FavorReference {
  private static final double SOFTMAX_FLOOR = 1e-4;
  private static final double RELU_FLOOR = 1e-3;
  private static final double CAUSAL_FLOOR = 1e-6;

  private FavorReference() {}

  /**
   * The context of one head of one document without padding, {@code [tokens][headDim]}.
   *
   * @param projection {@code [features][headDim]}
   */
  public static double[][] context(
      Performer.Kernel kernel,
      Direction direction,
      double[][] query,
      double[][] key,
      double[][] value,
      double[][] projection) {
    double[][] queryFeatures = features(kernel, query, projection, false);
    double[][] keyFeatures = features(kernel, key, projection, true);
    double[][] context = new double[query.length][value[0].length];
    for (int i = 0; i < query.length; i++) {
      boolean causal = direction == Direction.CAUSAL;
      double total = causal ? CAUSAL_FLOOR * sum(queryFeatures[i]) : 0;
      int last = causal ? i : key.length - 1;
      for (int j = 0; j <= last; j++) {
        double weight = dot(queryFeatures[i], keyFeatures[j]);
        total += weight;
        for (int d = 0; d < context[i].length; d++) {
          context[i][d] += weight * value[j][d];
        }
      }
      for (int d = 0; d < context[i].length; d++) {
        context[i][d] /= total;
      }
    }
    return context;
  }

  private static double[][] features(
      Performer.Kernel kernel, double[][] rows, double[][] projection, boolean keys) {
    double scale = Math.pow(projection[0].length, -0.25);
    double[][] features = new double[rows.length][projection.length];
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < rows.length; i++) {
      for (int f = 0; f < projection.length; f++) {
        features[i][f] = scale * dot(rows[i], projection[f]);
        most = Math.max(most, features[i][f]);
      }
    }
    for (int i = 0; i < rows.length; i++) {
      double stabiliser = keys ? most : max(features[i]);
      double half = scale * scale * dot(rows[i], rows[i]) / 2;
      for (int f = 0; f < projection.length; f++) {
        double x = features[i][f];
        features[i][f] =
            kernel == Performer.Kernel.RELU
                ? Math.max(x, 0) + RELU_FLOOR
                : (Math.exp(x - half - stabiliser) + SOFTMAX_FLOOR) / Math.sqrt(projection.length);
      }
    }
    return features;
  }

  private static double max(double[] row) {
    double max = row[0];
    for (double x : row) {
      max = Math.max(max, x);
    }
    return max;
  }

  private static double sum(double[] row) {
    double sum = 0;
    for (double x : row) {
      sum += x;
    }
    return sum;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
