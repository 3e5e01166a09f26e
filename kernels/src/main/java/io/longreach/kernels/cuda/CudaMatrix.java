package io.longreach.kernels.cuda;

import io.longreach.kernels.device.Matrix;

/** Rows in device memory, row-major. */
record CudaMatrix(Memory memory, int rows, int columns) implements Matrix {

  static CudaMatrix of(Matrix matrix) {
    if (matrix instanceof CudaMatrix cuda) {
      return cuda;
    }
    throw new IllegalArgumentException(
        "a matrix must be of this device, was "
            + (matrix == null ? "null" : matrix.getClass().getSimpleName())
            + ": upload it first");
  }

  long count() {
    return (long) rows * columns;
  }
}
