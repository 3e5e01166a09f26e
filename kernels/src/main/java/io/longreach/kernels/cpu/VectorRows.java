package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.LANES;
import static io.longreach.kernels.cpu.VectorMath.SPECIES;

import io.longreach.kernels.plan.LshBuckets;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Row operations in vectors; the mean is subtracted before squaring, so large means lose nothing.
 */
final class VectorRows implements RowKernel {
  /** The bit of a float's sign. */
  private static final int SIGN = Integer.MIN_VALUE;

  /** Infinity's bits: those of NaN are above. */
  private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  @Override
  public void addNorm(
      float[] in, float[] residual, CpuNorm norm, float[] out, int firstRow, int lastRow) {
    int columns = norm.columns();
    for (int row = firstRow; row < lastRow; row++) {
      int at = row * columns;
      float mean =
          (residual == null ? sum(in, out, at, columns) : sum(in, residual, out, at, columns))
              / columns;
      float variance = squares(out, at, columns, mean) / columns;
      float inverse = (float) (1 / Math.sqrt(variance + norm.epsilon()));
      scale(out, at, norm, mean, inverse);
    }
  }

  private static float sum(float[] in, float[] out, int at, int columns) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= columns - LANES; i += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, in, at + i);
      x.intoArray(out, at + i);
      sums = x.add(sums);
    }
    float sum = FloatVector.zero(SPECIES).add(sums).reduceLanes(VectorOperators.ADD);
    for (; i < columns; i++) {
      out[at + i] = in[at + i];
      sum += out[at + i];
    }
    return sum;
  }

  private static float sum(float[] in, float[] residual, float[] out, int at, int columns) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= columns - LANES; i += LANES) {
      FloatVector x =
          FloatVector.fromArray(SPECIES, in, at + i)
              .add(FloatVector.fromArray(SPECIES, residual, at + i));
      x.intoArray(out, at + i);
      sums = x.add(sums);
    }
    float sum = FloatVector.zero(SPECIES).add(sums).reduceLanes(VectorOperators.ADD);
    for (; i < columns; i++) {
      out[at + i] = in[at + i] + residual[at + i];
      sum += out[at + i];
    }
    return sum;
  }

  private static float squares(float[] values, int at, int columns, float mean) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= columns - LANES; i += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, values, at + i).sub(mean);
      sums = x.fma(x, sums);
    }
    float sum = FloatVector.zero(SPECIES).add(sums).reduceLanes(VectorOperators.ADD);
    for (; i < columns; i++) {
      sum += (values[at + i] - mean) * (values[at + i] - mean);
    }
    return sum;
  }

  private static void scale(float[] values, int at, CpuNorm norm, float mean, float inverse) {
    float[] scale = norm.scale();
    float[] shift = norm.shift();
    int i = 0;
    for (; i <= scale.length - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, values, at + i)
          .sub(mean)
          .mul(inverse)
          .fma(FloatVector.fromArray(SPECIES, scale, i), FloatVector.fromArray(SPECIES, shift, i))
          .intoArray(values, at + i);
    }
    for (; i < scale.length; i++) {
      values[at + i] = (values[at + i] - mean) * inverse * scale[i] + shift[i];
    }
  }

  @Override
  public void add(float[] inOut, float[] other, int first, int last) {
    int i = first;
    for (; i <= last - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, inOut, i)
          .add(FloatVector.fromArray(SPECIES, other, i))
          .intoArray(inOut, i);
    }
    for (; i < last; i++) {
      inOut[i] += other[i];
    }
  }

  @Override
  public void argmax(float[] values, int first, int step, int columns, int[] places) {
    int row = 0;
    for (; row <= places.length - LANES; row += LANES) {
      argmaxOfLanes(values, first + row, step, columns, places, row);
    }
    if (row < places.length) {
      int[] rest = new int[places.length - row];
      LshBuckets.argmax(values, first + row, step, columns, rest);
      System.arraycopy(rest, 0, places, row, rest.length);
    }
  }

  /**
   * Of one row in each lane. Floats of one sign are ordered like their bits, and NaN beyond them:
   * as integers, which cost less to compare, positive values win the one half and negative ones,
   * negated, the other.
   */
  private static void argmaxOfLanes(
      float[] values, int first, int step, int columns, int[] places, int row) {
    IntVector high = FloatVector.zero(SPECIES).viewAsIntegralLanes();
    IntVector low = high;
    IntVector highest = high;
    IntVector lowest = high.add(columns);
    for (int column = 0; column < columns; column++) {
      IntVector x =
          FloatVector.fromArray(SPECIES, values, first + column * step).viewAsIntegralLanes();
      IntVector negated = x.lanewise(VectorOperators.XOR, SIGN);
      highest = highest.blend(column, x.compare(VectorOperators.GT, high));
      lowest = lowest.blend(columns + column, negated.compare(VectorOperators.GT, low));
      high = high.max(x);
      low = low.max(negated);
    }
    highest = highest.blend(lowest, low.compare(VectorOperators.GT, high));
    highest.blend(0, high.max(low).compare(VectorOperators.GT, INFINITY)).intoArray(places, row);
  }

  @Override
  public void exp(float[] inOut, int first, int last, float shift, float floor, float scale) {
    for (int i = first; i < last; i += LANES) {
      VectorMask<Float> lanes = SPECIES.indexInRange(i, last);
      FloatVector x = FloatVector.fromArray(SPECIES, inOut, i, lanes).sub(shift);
      VectorMath.exp(x).add(floor).mul(scale).intoArray(inOut, i, lanes);
    }
  }
}
