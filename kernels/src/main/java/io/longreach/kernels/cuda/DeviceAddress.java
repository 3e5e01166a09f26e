package io.longreach.kernels.cuda;

import jcuda.driver.CUdeviceptr;

/** JCuda's device pointer, whose number can be read: kernels take it within a struct. */
final class DeviceAddress extends CUdeviceptr {

  long value() {
    return getNativePointer() + getByteOffset();
  }

  static CUdeviceptr of(long address) {
    return new CUdeviceptr().withByteOffset(address);
  }
}
