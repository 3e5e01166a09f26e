package io.longreach.kernels.cpu;

import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.TileShape;

/** Softmax attention of one document over a schedule. */
interface AttentionKernel {

  /** A row-major array whose row {@code r} begins at {@code offset + r * stride}. */
  record Rows(float[] values, int offset, int stride) {
    /** Floats of a line of the caches. */
    private static final int LINE = 16;

    /** The same rows from a later column on. */
    Rows from(int column) {
      return new Rows(values, offset + column, stride);
    }

    /**
     * Reads the first lines of {@code columns} of a row, for the caches: five of them, as the four
     * that 64 columns fill seldom begin where a line does. Copies wait for each row; of a loop that
     * does nothing else, the reads of many rows are under way together, a third of the time where
     * rows come in any order. Not a loop over lines: that takes longer than the reads.
     *
     * @return something made of what was read, so that it is read
     */
    float touch(int row, int column, int columns) {
      int from = offset + row * stride + column;
      int last = columns - 1;
      return values[from]
          + values[from + Math.min(LINE, last)]
          + values[from + Math.min(2 * LINE, last)]
          + values[from + Math.min(3 * LINE, last)]
          + values[from + Math.min(4 * LINE, last)];
    }

    /** {@link #touch(int, int, int)} of the rows {@code first} to {@code last - 1}. */
    float touchAll(int first, int last, int columns) {
      float touched = 0;
      for (int row = first; row < last; row++) {
        touched += touch(row, 0, columns);
      }
      return touched;
    }
  }

  /** The tiles it likes best; any others work. */
  TileShape tiles();

  /**
   * @param logSumExp {@code [tokens * heads]}, head-minor, filled when not null
   */
  void run(
      Rows query,
      Rows key,
      Rows value,
      int heads,
      int headDim,
      float softmaxScale,
      AttentionSchedule schedule,
      Rows context,
      float[] logSumExp,
      Workers workers);
}
