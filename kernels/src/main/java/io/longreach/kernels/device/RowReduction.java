package io.longreach.kernels.device;

import java.util.Arrays;

/** How rows become one, column by column, in double precision. */
public enum RowReduction {
  SUM,
  /** The n-th row, from 1, counts n times. */
  WEIGHTED_SUM,
  MAX;

  /** Rows that are copied to the host at a time. */
  public static final int BLOCK_ROWS = 1024;

  /** The result for no rows yet. */
  public double[] start(int columns) {
    double[] reduced = new double[columns];
    if (this == MAX) {
      Arrays.fill(reduced, Double.NEGATIVE_INFINITY);
    }
    return reduced;
  }

  /**
   * Takes in more rows.
   *
   * @param rows row-major
   * @param firstRow how many came before
   */
  public void add(float[] rows, int firstRow, double[] reduced) {
    for (int at = 0, row = firstRow; at < rows.length; at += reduced.length, row++) {
      double weight = this == WEIGHTED_SUM ? row + 1.0 : 1;
      for (int column = 0; column < reduced.length; column++) {
        double value = rows[at + column];
        reduced[column] =
            this == MAX ? Math.max(reduced[column], value) : reduced[column] + weight * value;
      }
    }
  }
}
