package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.LANES;
import static io.longreach.kernels.cpu.VectorMath.SPECIES;

import io.longreach.kernels.device.Activation;
import jdk.incubator.vector.FloatVector;

/**
 * Activations in place. Apart from the micro-kernels: a call that the JIT compiler does not inline
 * there would put every accumulator on the heap.
 */
final class VectorActivation {

  private VectorActivation() {}

  /** Applies to {@code width} columns from {@code column} of rows {@code [firstRow, lastRow)}. */
  static void apply(
      Activation activation,
      float[] values,
      int firstRow,
      int lastRow,
      int columns,
      int column,
      int width) {
    float[] tail = new float[LANES];
    for (int row = firstRow; row < lastRow; row++) {
      int at = row * columns + column;
      int end = at + width;
      for (; at + LANES <= end; at += LANES) {
        apply(activation, values, at);
      }
      if (at < end) {
        System.arraycopy(values, at, tail, 0, end - at);
        apply(activation, tail, 0);
        System.arraycopy(tail, 0, values, at, end - at);
      }
    }
  }

  private static void apply(Activation activation, float[] values, int at) {
    FloatVector x = FloatVector.fromArray(SPECIES, values, at);
    switch (activation) {
      case NONE -> {}
      case GELU -> VectorMath.gelu(x).intoArray(values, at);
      case GELU_TANH -> VectorMath.geluTanh(x).intoArray(values, at);
      case RELU -> x.max(0f).intoArray(values, at);
    }
  }
}
