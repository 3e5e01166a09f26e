package io.longreach.kernels.cuda;

import org.junit.jupiter.api.Tag;

/** The tests of attention on a GPU. */
@Tag("gpu")
class GpuAttentionTest extends CudaAttentionTest {

  @Override
  CudaDriver open() {
    return TestGpu.open();
  }
}
