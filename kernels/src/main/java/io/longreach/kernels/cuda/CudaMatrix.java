package io.longreach.kernels.cuda;

import io.longreach.kernels.device.Matrix;

/** Rows in device memory, row-major. Those of a caller are freed by the collector. */
record CudaMatrix(Memory memory, int rows, int columns, Element element)
    implements Matrix, AutoCloseable {

  /** What the rows are kept in. */
  enum Element {
    FLOAT32(4),
    BFLOAT16(2);

    private final int bytes;

    Element(int bytes) {
      this.bytes = bytes;
    }

    int bytes() {
      return bytes;
    }
  }

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

  @Override
  public void close() {
    memory.close();
  }
}
