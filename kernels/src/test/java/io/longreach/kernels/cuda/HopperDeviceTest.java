package io.longreach.kernels.cuda;

/** The tests of the device, on the host, by the kernels for GPUs that multiply by warpgroups. */
class HopperDeviceTest extends CudaDeviceTest {

  @Override
  CudaDriver open() {
    return CudaHost.memory(true);
  }
}
