package io.longreach.encoders;

import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;

/** The mean of a document's rows, scaled to length one. */
final class MeanPooling {
  /** Rows that are copied from the device at a time. */
  private static final int BLOCK_ROWS = 1024;

  private MeanPooling() {}

  static float[] pool(Device device, Matrix hidden, int firstRow, int lastRow) {
    double[] sums = new double[hidden.columns()];
    for (int first = firstRow; first < lastRow; first += BLOCK_ROWS) {
      float[] rows = device.download(hidden, first, Math.min(lastRow, first + BLOCK_ROWS));
      for (int at = 0; at < rows.length; at += sums.length) {
        for (int column = 0; column < sums.length; column++) {
          sums[column] += rows[at + column];
        }
      }
    }
    return unit(sums);
  }

  /** The direction of a vector: the mean and the sum have the same. */
  private static float[] unit(double[] vector) {
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
}
