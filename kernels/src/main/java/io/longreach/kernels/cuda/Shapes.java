package io.longreach.kernels.cuda;

/** Refuses arguments that do not fit, before a kernel reads beyond them. */
final class Shapes {

  private Shapes() {}

  static void requireRange(CudaMatrix matrix, int firstRow, int lastRow) {
    if (firstRow < 0 || firstRow > lastRow || lastRow > matrix.rows()) {
      throw new IllegalArgumentException(
          "rows must lie within " + matrix.rows() + ", were " + firstRow + " to " + lastRow);
    }
  }

  static void requireBelow(String what, int[] indices, int limit) {
    for (int index : indices) {
      if (index < 0 || index >= limit) {
        throw new IllegalArgumentException(what + " must be below " + limit + ", was " + index);
      }
    }
  }

  static void requireSize(String name, float[] values, long expected) {
    requireSize(name, values.length, expected);
  }

  static void requireSize(String name, int length, long expected) {
    if (length != expected) {
      throw new IllegalArgumentException(
          name + " must hold " + expected + " values, was " + length);
    }
  }

  static void requireShape(String name, CudaMatrix matrix, int rows, int columns) {
    if (matrix.rows() != rows || matrix.columns() != columns) {
      throw new IllegalArgumentException(
          String.format(
              "%s must be %d x %d, was %d x %d",
              name, rows, columns, matrix.rows(), matrix.columns()));
    }
  }
}
