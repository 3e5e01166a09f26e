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

  /**
   * The step between rows of {@link #scores}, and the most of their depth: a constant, as a step
   * that C2 does not know costs an address for each row.
   */
  static final int ROW = 64;

  /**
   * Floats of {@code ahead} that {@link #rows} reads for each step: as fast as {@value} of a panel
   * of 32 columns must come in to be there when 128 rows have used the one before.
   */
  static final int AHEAD = 2;

  private VectorMicro() {}

  /**
   * {@code c[r] = onto[r] + Σ a[r][k] · b[k]} for {@link #ROWS} rows r.
   *
   * <p>Weights come from main memory at a fraction of the speed at which a kernel uses them. A read
   * now and then of those that are needed next wakes the prefetcher, and they come in while the
   * kernel computes; Java has no instruction that would ask for it.
   *
   * @param rows rows of {@code a} that there are: later ones read the last one again, and what they
   *     give, in {@code c} too, is of no use
   * @param ahead {@code AHEAD * depth} elements of b from here on are read for the caches
   * @return something made of what was read ahead, so that it is read
   */
  static float rows(
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
      int cStride,
      int ahead) {
    if (ROWS == 8) {
      return VectorMicro8.rows(
          a, a0, aStride, rows, b, b0, depth, onto, d0, dStride, c, c0, cStride, ahead);
    } else {
      return VectorMicro4.rows(
          a, a0, aStride, rows, b, b0, depth, onto, d0, dStride, c, c0, cStride, ahead);
    }
  }

  /**
   * {@code c[r] = onto[r] + Σ a[r][k] · b[k]} for {@link #ROWS} rows r; {@code a} has the step ROW,
   * {@code c} WIDTH.
   */
  static void scores(
      float[] a,
      int a0,
      float[] b,
      int b0,
      int depth,
      float[] onto,
      int d0,
      int dStride,
      float[] c,
      int c0) {
    if (ROWS == 8) {
      VectorTileMicro8.scores(a, a0, b, b0, depth, onto, d0, dStride, c, c0);
    } else {
      VectorTileMicro4.scores(a, a0, b, b0, depth, onto, d0, dStride, c, c0);
    }
  }

  /**
   * {@code c[r] = onto[r] + Σ a[k][r] · b[k]} for {@link #ROWS} rows r; {@code a} has the step
   * WIDTH.
   */
  static void columns(
      float[] a,
      int a0,
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
      VectorTileMicro8.columns(a, a0, b, b0, depth, onto, d0, dStride, c, c0, cStride);
    } else {
      VectorTileMicro4.columns(a, a0, b, b0, depth, onto, d0, dStride, c, c0, cStride);
    }
  }
}
