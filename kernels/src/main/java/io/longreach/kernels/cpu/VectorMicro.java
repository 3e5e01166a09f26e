package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.LANES;

/**
 * The inner products of all kernels: a few rows by two vectors of columns, all accumulators in
 * registers. {@code b} is a panel, {@code [k][WIDTH]}; each accumulator is one chain of fused
 * multiply-adds over k in order, so that a row's bits depend on nothing but the row.
 */
final class VectorMicro {
  /** Columns of a panel. */
  static final int WIDTH = 2 * LANES;

  /** Rows of one call. */
  static final int ROWS = LANES == 16 ? 8 : 4;

  private VectorMicro() {}

  /**
   * {@code c[r] = onto[r] + Σ a[r][k] · b[k]} for {@link #ROWS} rows r.
   *
   * @param rows rows of {@code a} that there are: later ones read the last one again, and what they
   *     give, in {@code c} too, is of no use
   */
  static void rows(
      float[] a,
      int a0,
      int aStride,
      int rows,
      float[] b,
      int b0,
      int depth,
      float[] onto,
      int d0,
      int dStride,
      float[] c,
      int c0,
      int cStride) {
    if (ROWS == 8) {
      VectorMicro8.rows(a, a0, aStride, rows, b, b0, depth, onto, d0, dStride, c, c0, cStride);
    } else {
      VectorMicro4.rows(a, a0, aStride, rows, b, b0, depth, onto, d0, dStride, c, c0, cStride);
    }
  }

  /** {@code c[r] += Σ a[k][r] · b[k]} for {@link #ROWS} rows r; {@code a} has the step WIDTH. */
  static void columns(
      float[] a, int a0, float[] b, int b0, int depth, float[] c, int c0, int cStride) {
    if (ROWS == 8) {
      VectorMicro8.columns(a, a0, b, b0, depth, c, c0, cStride);
    } else {
      VectorMicro4.columns(a, a0, b, b0, depth, c, c0, cStride);
    }
  }
}
