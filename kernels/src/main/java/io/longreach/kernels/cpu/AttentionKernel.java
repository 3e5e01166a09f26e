package io.longreach.kernels.cpu;

import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.TileShape;

/** Softmax attention of one document over a schedule. */
interface AttentionKernel {

  /** A row-major array whose row {@code r} begins at {@code offset + r * stride}. */
  record Rows(float[] values, int offset, int stride) {
    /** The same rows from a later column on. */
    Rows from(int column) {
      return new Rows(values, offset + column, stride);
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
