package io.longreach.kernels.cuda;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The device's tests on a GPU. */
@Tag("gpu")
class GpuDeviceTest extends CudaDeviceTest {

  /** Hides the host's. */
  @BeforeAll
  static void start() {
    driver = TestGpu.open();
    cuda = new CudaDevice(driver, CudaDevice.Precision.FLOAT32);
    tensorCores = new CudaDevice(driver, CudaDevice.Precision.BFLOAT16);
  }

  /** Of the host alone: no test here. */
  @Override
  void anIndexOutOfRangeIsFound() {}

  /** The same. */
  @Override
  void parametersThatDoNotFitTheKernelAreRefused() {}
}
