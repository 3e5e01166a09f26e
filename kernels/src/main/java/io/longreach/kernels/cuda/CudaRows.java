package io.longreach.kernels.cuda;

import io.longreach.kernels.cuda.CudaMatrix.Element;
import io.longreach.kernels.device.RowReduction;

/** Launches what is done row by row or element by element: copies, conversions, fills, sums. */
final class CudaRows {
  private static final int THREADS = 128;
  private static final int WIDE = 256;

  /** Of a reduction: blocks for each group of columns. */
  private static final int SEGMENTS = 64;

  private static final int LEAST_SEGMENT_ROWS = 64;

  private final CudaDriver driver;
  private final Memory.Pool pool;

  CudaRows(CudaDriver driver, Memory.Pool pool) {
    this.driver = driver;
    this.pool = pool;
  }

  CudaMatrix allocate(int rows, int columns, Element element) {
    long bytes = (long) rows * columns * element.bytes();
    return new CudaMatrix(pool.zeros(bytes), rows, columns, element);
  }

  /** A part of a matrix: columns from one element on. */
  record Part(CudaMatrix matrix, long firstElement, int columns) {
    static Part of(CudaMatrix matrix, int firstRow, int column, int columns) {
      return new Part(matrix, (long) firstRow * matrix.columns() + column, columns);
    }
  }

  /**
   * {@code to[toRows[i]] = from[fromRows[i]]}, or {@code +=}, between any types; columns that from
   * does not have become zero.
   *
   * @param fromRows null for all in order, likewise toRows
   */
  void copy(Part from, Memory fromRows, Part to, Memory toRows, int count, boolean accumulate) {
    new Parameters()
        .values(from.matrix(), from.firstElement())
        .values(to.matrix(), to.firstElement())
        .pointer(fromRows)
        .pointer(toRows)
        .numbers(from.columns(), from.matrix().columns(), to.matrix().columns(), to.columns())
        .numbers(accumulate ? 1 : 0)
        .launch(driver, "copyRows", count, 1, THREADS);
  }

  void fill(CudaMatrix matrix, int firstRow, int rows, float value) {
    long count = (long) rows * matrix.columns();
    new Parameters()
        .values(matrix, (long) firstRow * matrix.columns())
        .values(null, 0)
        .number(count)
        .real(value)
        .launch(driver, "fillElements", blocks(count, WIDE), 1, WIDE);
  }

  void add(CudaMatrix inOut, CudaMatrix other) {
    new Parameters()
        .values(inOut, 0)
        .values(other, 0)
        .number(inOut.count())
        .real(0)
        .launch(driver, "addElements", blocks(inOut.count(), WIDE), 1, WIDE);
  }

  /** Rows {@code [firstRow, lastRow)} as one; only that one is copied to the host. */
  double[] reduce(CudaMatrix matrix, int firstRow, int lastRow, RowReduction reduction) {
    int columns = matrix.columns();
    int count = lastRow - firstRow;
    int segmentRows = Math.max(LEAST_SEGMENT_ROWS, blocks(count, SEGMENTS));
    int segments = blocks(count, segmentRows);
    float[] halves = new float[2 * columns];
    try (Memory partial = pool.zeros((long) segments * columns * Double.BYTES);
        Memory reduced = pool.zeros((long) halves.length * Float.BYTES)) {
      Parameters parameters =
          new Parameters()
              .values(matrix, (long) firstRow * columns)
              .pointer(partial)
              .pointer(reduced)
              .numbers(count, columns, segmentRows, segments, reduction.ordinal());
      parameters.launch(driver, "reduceRows", blocks(columns, THREADS), segments, THREADS);
      parameters.launch(driver, "reduceSegments", blocks(columns, THREADS), 1, THREADS);
      reduced.read(0, halves);
    }
    double[] row = new double[columns];
    for (int column = 0; column < columns; column++) {
      row[column] = (double) halves[column] + halves[columns + column];
    }
    return row;
  }

  static int blocks(long count, int perBlock) {
    return Math.toIntExact((count + perBlock - 1) / perBlock);
  }
}
