package io.longreach.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.pattern.PositionalPattern;
import java.util.Random;

/**
 * The plain loops in single precision: the yardstick of rounding. A kernel passes when its error
 * against the double-precision reference is at most twice theirs, plus a millionth of the largest
 * value.
 */
final class Naive {
  private Naive() {}

  static float[] gaussian(int size, int seed) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  static float[] linear(float[] in, float[] weight, float[] bias, int inputs, int outputs) {
    int rows = in.length / inputs;
    float[] out = new float[rows * outputs];
    for (int row = 0; row < rows; row++) {
      for (int output = 0; output < outputs; output++) {
        float sum = bias == null ? 0 : bias[output];
        for (int input = 0; input < inputs; input++) {
          sum += in[row * inputs + input] * weight[output * inputs + input];
        }
        out[row * outputs + output] = sum;
      }
    }
    return out;
  }

  /** One head: query, key and value {@code [tokens, headDim]}. */
  static float[] attention(
      float[] query, float[] key, float[] value, int headDim, float scale, PositionalPattern p) {
    int tokens = query.length / headDim;
    float[] context = new float[query.length];
    float[] scores = new float[tokens];
    for (int q = 0; q < tokens; q++) {
      float max = Float.NEGATIVE_INFINITY;
      for (int k = 0; k < tokens; k++) {
        scores[k] = Float.NEGATIVE_INFINITY;
        if (p.attends(q, k, tokens)) {
          float dot = 0;
          for (int d = 0; d < headDim; d++) {
            dot += query[q * headDim + d] * key[k * headDim + d];
          }
          scores[k] = dot * scale;
          max = Math.max(max, scores[k]);
        }
      }
      float sum = 0;
      for (int k = 0; k < tokens; k++) {
        float weight = scores[k] == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(scores[k] - max);
        sum += weight;
        for (int d = 0; weight != 0 && d < headDim; d++) {
          context[q * headDim + d] += weight * value[k * headDim + d];
        }
      }
      for (int d = 0; d < headDim; d++) {
        context[q * headDim + d] /= sum;
      }
    }
    return context;
  }

  static void assertAsGood(float[] reference, float[] naive, float[] found, String what) {
    assertEquals(reference.length, found.length, what);
    double largest = 0;
    for (float x : reference) {
      largest = Math.max(largest, Math.abs(x));
    }
    double allowed = 2 * error(reference, naive) + 1e-6 * largest;
    double error = error(reference, found);
    assertTrue(error <= allowed, () -> what + ": error " + error + ", allowed " + allowed);
  }

  private static double error(float[] reference, float[] found) {
    double error = 0;
    for (int i = 0; i < reference.length; i++) {
      double here = Math.abs((double) reference[i] - found[i]);
      if (Double.isNaN(here)) {
        return Double.POSITIVE_INFINITY;
      }
      error = Math.max(error, here);
    }
    return error;
  }
}
