package io.longreach.kernels.reference;

import io.longreach.kernels.device.Matrix;

/** A row-major matrix of doubles. */
record DoubleMatrix(double[] values, int rows, int columns) implements Matrix {

  static DoubleMatrix zero(int rows, int columns) {
    return new DoubleMatrix(new double[Math.toIntExact((long) rows * columns)], rows, columns);
  }

  static DoubleMatrix of(float[] rowMajor, int rows, int columns) {
    DoubleMatrix matrix = zero(rows, columns);
    for (int i = 0; i < matrix.values.length; i++) {
      matrix.values[i] = rowMajor[i];
    }
    return matrix;
  }

  double at(int row, int column) {
    return values[row * columns + column];
  }

  void set(int row, int column, double value) {
    values[row * columns + column] = value;
  }
}
