package io.longreach.kernels.cuda;

import io.longreach.kernels.cuda.CudaMatrix.Element;
import io.longreach.kernels.device.Device.PlacedRows;
import io.longreach.kernels.device.RowReduction;
import java.util.List;

/** Launches what is done row by row or element by element: copies, conversions, fills, sums. */
final class CudaRows {
  private static final int THREADS = 128;
  private static final int WIDE = 256;

  /** Of a reduction: blocks for each document and group of columns. */
  private static final int SEGMENTS = 64;

  private static final int LEAST_SEGMENT_ROWS = 64;

  private final CudaDriver driver;
  private final Memory.Pool pool;

  CudaRows(CudaDriver driver, Memory.Pool pool) {
    this.driver = driver;
    this.pool = pool;
  }

  CudaMatrix zeros(int rows, int columns, Element element) {
    long bytes = (long) rows * columns * element.bytes();
    return new CudaMatrix(pool.zeros(bytes), rows, columns, element);
  }

  /** A matrix that holds anything, and that kernels write first. */
  CudaMatrix scratch(int rows, int columns, Element element) {
    long bytes = (long) rows * columns * element.bytes();
    return new CudaMatrix(pool.scratch(bytes), rows, columns, element);
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

  /** The rows of each document as one; only these are copied to the host. */
  double[][] reduce(CudaMatrix matrix, List<PlacedRows> documents, RowReduction reduction) {
    int columns = matrix.columns();
    IntArray segments = new IntArray();
    IntArray owners = new IntArray();
    for (int d = 0; d < documents.size(); d++) {
      int firstRow = documents.get(d).firstRow();
      int firstSegment = segments.size() / 3;
      addSegments(segments, documents.get(d), d);
      owners.add(firstRow, firstSegment, segments.size() / 3);
    }
    int count = segments.size() / 3;
    float[] halves = new float[Math.multiplyExact(documents.size(), 2 * columns)];
    try (Memory partial = pool.scratch((long) count * columns * Double.BYTES);
        Memory reduced = pool.scratch((long) halves.length * Float.BYTES);
        Memory parts = pool.of(segments.toArray());
        Memory table = pool.of(owners.toArray())) {
      Parameters parameters =
          new Parameters()
              .values(matrix, 0)
              .pointer(partial)
              .pointer(reduced)
              .pointer(parts)
              .pointer(table)
              .numbers(columns, reduction.ordinal());
      int wide = blocks(columns, THREADS);
      parameters.launch(driver, "reduceRows", count, wide, THREADS);
      parameters.launch(driver, "reduceSegments", documents.size(), wide, THREADS);
      reduced.read(0, halves);
    }
    double[][] rows = new double[documents.size()][columns];
    for (int d = 0; d < rows.length; d++) {
      for (int column = 0; column < columns; column++) {
        int at = 2 * d * columns + column;
        rows[d][column] = (double) halves[at] + halves[at + columns];
      }
    }
    return rows;
  }

  private static void addSegments(IntArray to, PlacedRows document, int number) {
    int rows = Math.max(LEAST_SEGMENT_ROWS, blocks(document.tokens(), SEGMENTS));
    int last = document.firstRow() + document.tokens();
    for (int first = document.firstRow(); first < last; first += rows) {
      to.add(first, Math.min(last, first + rows), number);
    }
  }

  static int blocks(long count, int perBlock) {
    return Math.toIntExact((count + perBlock - 1) / perBlock);
  }
}
