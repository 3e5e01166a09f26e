package io.longreach.kernels.cuda;

import io.longreach.kernels.cuda.CudaMatrix.Element;
import java.lang.ref.Reference;

/** Moves whole rows: to the host, by their numbers, side by side. */
final class CudaCopies {
  private final Memory.Pool pool;
  private final CudaRows rows;

  CudaCopies(Memory.Pool pool, CudaRows rows) {
    this.pool = pool;
    this.rows = rows;
  }

  float[] download(CudaMatrix from, int firstRow, int lastRow) {
    int columns = from.columns();
    float[] values = new float[Math.multiplyExact(lastRow - firstRow, columns)];
    if (from.element() == Element.FLOAT32) {
      from.memory().read((long) firstRow * columns, values);
      Reference.reachabilityFence(from);
      return values;
    }
    try (CudaMatrix wide = rows.scratch(lastRow - firstRow, columns, Element.FLOAT32)) {
      CudaRows.Part part = CudaRows.Part.of(from, firstRow, 0, columns);
      rows.copy(part, null, all(wide), null, lastRow - firstRow, false);
      wide.memory().read(0, values);
    }
    return values;
  }

  /** {@code to[i] = from[fromRows[i]]}, or {@code +=}. */
  void pick(CudaMatrix from, int[] fromRows, CudaMatrix to, boolean accumulate) {
    try (Memory picked = pool.of(fromRows)) {
      rows.copy(all(from), picked, all(to), null, to.rows(), accumulate);
    }
  }

  void copyRows(CudaMatrix from, int[] fromRows, CudaMatrix to, int[] toRows) {
    try (Memory picked = pool.of(fromRows);
        Memory placed = pool.of(toRows)) {
      rows.copy(all(from), picked, all(to), placed, fromRows.length, false);
    }
  }

  /** Both go to {@code joined}, which has the columns of both. */
  void join(CudaMatrix left, CudaMatrix right, CudaMatrix joined) {
    CudaRows.Part first = CudaRows.Part.of(joined, 0, 0, left.columns());
    CudaRows.Part second = CudaRows.Part.of(joined, 0, left.columns(), right.columns());
    rows.copy(all(left), null, first, null, left.rows(), false);
    rows.copy(all(right), null, second, null, left.rows(), false);
  }

  private static CudaRows.Part all(CudaMatrix matrix) {
    return CudaRows.Part.of(matrix, 0, 0, matrix.columns());
  }
}
