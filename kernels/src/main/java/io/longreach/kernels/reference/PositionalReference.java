package io.longreach.kernels.reference;

import io.longreach.kernels.pattern.PositionalPattern;
import java.util.BitSet;

/**
 * Dense attention over a pattern's specification, connection by connection and without any plan:
 * softmax of score + log(count).
 *
 * <p><b>Cost.</b> O(tokens²): for short texts.
 */
public final class PositionalReference {
  private PositionalReference() {}

  /**
   * The context of one head, {@code [tokens][headDim]}; rows that see nothing are zero.
   *
   * @param valid tokens that are no padding, null for all
   */
  public static double[][] context(
      PositionalPattern pattern,
      double[][] query,
      double[][] key,
      double[][] value,
      double softmaxScale,
      BitSet valid) {
    int tokens = query.length;
    double[][] context = new double[tokens][value[0].length];
    double[] scores = new double[tokens];
    for (int i = 0; i < tokens; i++) {
      double most = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < tokens; j++) {
        boolean masked = valid != null && !(valid.get(i) && valid.get(j));
        int count = masked ? 0 : pattern.count(i, j, tokens);
        scores[j] =
            count == 0
                ? Double.NEGATIVE_INFINITY
                : dot(query[i], key[j]) * softmaxScale + Math.log(count);
        most = Math.max(most, scores[j]);
      }
      if (most != Double.NEGATIVE_INFINITY) {
        average(scores, most, value, context[i]);
      }
    }
    return context;
  }

  private static void average(double[] scores, double most, double[][] value, double[] out) {
    double total = 0;
    for (int j = 0; j < scores.length; j++) {
      double weight = Math.exp(scores[j] - most);
      total += weight;
      for (int d = 0; weight != 0 && d < out.length; d++) {
        out[d] += weight * value[j][d];
      }
    }
    for (int d = 0; d < out.length; d++) {
      out[d] /= total;
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
