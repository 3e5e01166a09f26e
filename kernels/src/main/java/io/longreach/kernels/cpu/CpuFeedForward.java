package io.longreach.kernels.cpu;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.Device.FeedForward;

/**
 * A feed-forward block over a few rows at a time: the wide rows in between stay in the second-level
 * cache and are never written out.
 */
final class CpuFeedForward {
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
  void run(float[] in, float[] out, int firstRow, int lastRow) {
    int rows = lastRow - firstRow;
    float[] block = new float[rows * up.inputs()];
    System.arraycopy(in, firstRow * up.inputs(), block, 0, block.length);
    float[] inner = new float[rows * up.outputs()];
    kernel.run(up, activation, block, inner, 0, rows);
    if (gate != null) {
      float[] gates = new float[inner.length];
      kernel.run(gate, Activation.NONE, block, gates, 0, rows);
      for (int i = 0; i < inner.length; i++) {
        inner[i] *= gates[i];
      }
    }
    kernel.run(down, Activation.NONE, inner, block, 0, rows);
    System.arraycopy(block, 0, out, firstRow * down.outputs(), block.length);
  }
}
