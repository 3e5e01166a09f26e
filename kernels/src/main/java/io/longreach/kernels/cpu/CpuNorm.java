package io.longreach.kernels.cpu;

import io.longreach.kernels.device.Device;

/** A LayerNorm; shift is zeros where the model has none. */
record CpuNorm(float[] scale, float[] shift, float epsilon) implements Device.Norm {
  @Override
  public int columns() {
    return scale.length;
  }
}
