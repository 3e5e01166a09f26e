/**
 * The CUDA device: kernels in CUDA C (under {@code src/main/cuda}), launched through a {@link
 * io.longreach.kernels.cuda.CudaDriver}. Imports {@code device}, {@code plan} and {@code pattern}
 * only.
 */
package io.longreach.kernels.cuda;
