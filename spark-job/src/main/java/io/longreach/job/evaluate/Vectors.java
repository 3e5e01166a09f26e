package io.longreach.job.evaluate;

import java.util.ArrayList;
import java.util.List;

/** The few things that are done with vectors here. */
final class Vectors {
  private Vectors() {}

  static float[] unit(double[] vector) {
    double squares = 0;
    for (double x : vector) {
      squares += x * x;
    }
    double length = Math.max(Math.sqrt(squares), Double.MIN_NORMAL);
    float[] unit = new float[vector.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (vector[i] / length);
    }
    return unit;
  }

  static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /** The vectors less their mean, of unit length again. */
  static List<float[]> centred(List<float[]> vectors) {
    double[] mean = new double[vectors.get(0).length];
    for (float[] vector : vectors) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += vector[i] / (double) vectors.size();
      }
    }
    List<float[]> centred = new ArrayList<>();
    for (float[] vector : vectors) {
      double[] difference = new double[mean.length];
      for (int i = 0; i < mean.length; i++) {
        difference[i] = vector[i] - mean[i];
      }
      centred.add(unit(difference));
    }
    return centred;
  }
}
