package io.longreach.kernels.cuda;

import org.junit.jupiter.api.Tag;

/** The device's tests on a GPU. */
@Tag("gpu")
class GpuDeviceTest extends CudaDeviceTest {

  @Override
  CudaDriver open() {
    return TestGpu.open();
  }
}
