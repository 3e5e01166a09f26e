package io.longreach.kernels.cuda;

import jcuda.driver.CUresult;

/** Results of calls to the driver, as exceptions. */
final class CudaCall {

  private CudaCall() {}

  /**
   * @param doing what the call was for, for the message
   * @throws CudaOutOfMemoryException if the GPU has no memory left
   * @throws CudaException for any other failure
   */
  static void check(int result, String doing) {
    if (result == CUresult.CUDA_SUCCESS) {
      return;
    }
    String what = doing + " failed with " + CUresult.stringFor(result);
    switch (result) {
      case CUresult.CUDA_ERROR_OUT_OF_MEMORY ->
          throw new CudaOutOfMemoryException(
              what + ": give the GPU to fewer tasks at a time, or use device=cpu");
      case CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
          CUresult.CUDA_ERROR_INVALID_PTX,
          CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU ->
          throw new CudaException(
              what + ": the NVIDIA driver is too old for these kernels, update it");
      case CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_LAUNCH_FAILED,
          CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUresult.CUDA_ERROR_LAUNCH_TIMEOUT ->
          throw new CudaException(
              what + ": this process can use the GPU no more, start it again or use device=cpu");
      default -> throw new CudaException(what + ": see the driver's log, or use device=cpu");
    }
  }
}
