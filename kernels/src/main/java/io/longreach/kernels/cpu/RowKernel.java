package io.longreach.kernels.cpu;

import io.longreach.kernels.plan.LshBuckets;

/** Operations on whole rows of row-major arrays. */
interface RowKernel {

  /** {@code out[row] = LayerNorm(in[row] + residual[row])}; residual may be null. */
  void addNorm(float[] in, float[] residual, CpuNorm norm, float[] out, int firstRow, int lastRow);

  /** {@code inOut[i] += other[i]} for {@code first <= i < last}. */
  void add(float[] inOut, float[] other, int first, int last);

  /** See {@link LshBuckets#argmax}. */
  void argmax(float[] values, int first, int step, int columns, int[] places);

  /** {@code inOut[i] = scale * (e^(inOut[i] - shift) + floor)} for {@code first <= i < last}. */
  void exp(float[] inOut, int first, int last, float shift, float floor, float scale);
}
