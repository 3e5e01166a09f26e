package io.longreach.kernels.cuda;

/** The tests of attention, on the host, by the kernels for GPUs that multiply by warpgroups. */
class HopperAttentionTest extends CudaAttentionTest {

  @Override
  CudaDriver open() {
    return CudaHost.memory(true);
  }
}
