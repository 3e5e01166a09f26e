package io.longreach.kernels.cpu;

import io.longreach.kernels.device.Matrix;

/** A row-major float array. */
record CpuMatrix(float[] values, int rows, int columns) implements Matrix {

  /**
   * @throws IllegalArgumentException if the matrix would not fit one array
   */
  static CpuMatrix zeros(int rows, int columns) {
    long size = (long) rows * columns;
    if (rows < 0 || columns < 1 || size > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "a matrix holds at most 2^31 - 9 elements, was "
              + rows
              + " x "
              + columns
              + ": cut the document into segments");
    }
    return new CpuMatrix(new float[(int) size], rows, columns);
  }

  static CpuMatrix of(Matrix matrix) {
    if (matrix instanceof CpuMatrix cpu) {
      return cpu;
    }
    throw new IllegalArgumentException(
        "the matrix must live on this CPU device, was a "
            + matrix.getClass().getSimpleName()
            + ": upload it first");
  }
}
