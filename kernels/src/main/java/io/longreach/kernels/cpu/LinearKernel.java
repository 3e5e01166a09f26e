package io.longreach.kernels.cpu;

import io.longreach.kernels.device.Activation;

/** {@code y = activation(x · weightᵀ + bias)} over rows of a packed layer. */
interface LinearKernel {

  /**
   * Packs a layer once.
   *
   * @param weight {@code [outputs, inputs]} row-major
   * @param bias {@code [outputs]}, or null for zeros
   */
  CpuLinear pack(float[] weight, float[] bias, int inputs, int outputs);

  /**
   * Packs a layer without bias from its transposed weight.
   *
   * @param transposed {@code [inputs, outputs]} row-major, or longer
   */
  CpuLinear packTransposed(float[] transposed, int inputs, int outputs);

  /**
   * Computes rows {@code [firstRow, lastRow)}.
   *
   * @param in {@code [rows, inputs]}
   * @param out {@code [rows, outputs]}
   */
  void run(
      CpuLinear layer, Activation activation, float[] in, float[] out, int firstRow, int lastRow);

  /** Rows that one item of a parallel loop should take. */
  int rowsPerItem();
}
