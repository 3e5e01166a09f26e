package io.longreach.kernels.cpu;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.Device.FeedForward;

/**
 * A feed-forward block over a few rows at a time: the wide rows in between stay in the second-level
 * cache and are never written out.
 */
final class CpuFeedForward {
  private static final int BLOCK_ROWS = 128;

  private final LinearKernel kernel;
  private final Activation activation;
  private final CpuLinear up;
  private final CpuLinear gate;
  private final CpuLinear down;

  CpuFeedForward(LinearKernel kernel, FeedForward layers) {
    this.kernel = kernel;
    this.activation = layers.activation();
    this.up = (CpuLinear) layers.up();
    this.gate = (CpuLinear) layers.gate();
    this.down = (CpuLinear) layers.down();
  }

  /** Rows {@code [firstRow, lastRow)} of in to the same rows of out, which may be in. */
  void run(float[] in, float[] out, int firstRow, int lastRow, Scratch scratch) {
    int columns = up.inputs();
    float[] block = scratch.array(0, BLOCK_ROWS * columns);
    float[] inner = scratch.array(1, BLOCK_ROWS * up.outputs());
    for (int row = firstRow; row < lastRow; row += BLOCK_ROWS) {
      int rows = Math.min(BLOCK_ROWS, lastRow - row);
      System.arraycopy(in, row * columns, block, 0, rows * columns);
      kernel.run(up, activation, block, inner, 0, rows);
      if (gate != null) {
        float[] gates = scratch.array(2, BLOCK_ROWS * up.outputs());
        kernel.run(gate, Activation.NONE, block, gates, 0, rows);
        multiply(inner, gates, rows * up.outputs());
      }
      kernel.run(down, Activation.NONE, inner, block, 0, rows);
      System.arraycopy(block, 0, out, row * columns, rows * columns);
    }
  }

  private static void multiply(float[] values, float[] factors, int count) {
    for (int i = 0; i < count; i++) {
      values[i] *= factors[i];
    }
  }
}
