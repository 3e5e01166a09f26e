package io.longreach.kernels.cpu;

import io.longreach.kernels.plan.LshBuckets;

/** The scalar twin of {@link VectorRows}. */
final class ScalarRows implements RowKernel {

  @Override
  public void addNorm(
      float[] in, float[] residual, CpuNorm norm, float[] out, int firstRow, int lastRow) {
    int columns = norm.columns();
    for (int row = firstRow; row < lastRow; row++) {
      int at = row * columns;
      double sum = 0;
      for (int i = at; i < at + columns; i++) {
        out[i] = residual == null ? in[i] : in[i] + residual[i];
        sum += out[i];
      }
      double mean = sum / columns;
      double squares = 0;
      for (int i = at; i < at + columns; i++) {
        squares += (out[i] - mean) * (out[i] - mean);
      }
      double inverse = 1 / Math.sqrt(squares / columns + norm.epsilon());
      for (int i = 0; i < columns; i++) {
        double normal = (out[at + i] - mean) * inverse;
        out[at + i] = (float) (normal * norm.scale()[i] + norm.shift()[i]);
      }
    }
  }

  @Override
  public void add(float[] inOut, float[] other, int first, int last) {
    for (int i = first; i < last; i++) {
      inOut[i] += other[i];
    }
  }

  @Override
  public void argmax(float[] values, int first, int step, int columns, int[] places) {
    LshBuckets.argmax(values, first, step, columns, places);
  }

  @Override
  public void exp(float[] inOut, int first, int last, float shift, float floor, float scale) {
    for (int i = first; i < last; i++) {
      inOut[i] = (float) (scale * (Math.exp(inOut[i] - shift) + floor));
    }
  }
}
