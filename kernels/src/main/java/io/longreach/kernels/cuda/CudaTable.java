package io.longreach.kernels.cuda;

import io.longreach.kernels.device.Device;

/** An embedding table on the device. */
record CudaTable(CudaMatrix matrix) implements Device.Table {
  @Override
  public int rows() {
    return matrix.rows();
  }

  @Override
  public int columns() {
    return matrix.columns();
  }
}
