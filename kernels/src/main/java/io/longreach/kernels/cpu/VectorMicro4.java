package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.LANES;
import static io.longreach.kernels.cpu.VectorMath.SPECIES;
import static io.longreach.kernels.cpu.VectorMicro.AHEAD;
import static io.longreach.kernels.cpu.VectorMicro.WIDTH;

import jdk.incubator.vector.FloatVector;

/**
 * Micro-kernels of 4 rows by 2 vectors for machines with 16 vector registers. Unrolled twice: C2 of
 * JDK 17 loads the broadcasts of a step ahead of its multiply-adds; with 5 or 6 rows it then spills
 * accumulators, at half the speed. Eight chains are what two multiply-add units of latency 4 need.
 */
final class VectorMicro4 {

  private VectorMicro4() {}

  /** See {@link VectorMicro#rows}. */
  static float rows(
      float[] a,
      int a0,
      int aStride,
      int rows,
      float[] b,
      int b0,
      int depth,
      float[] onto,
      int d0,
      int dStride,
      float[] c,
      int c0,
      int cStride,
      int ahead) {
    int a1 = a0 + Math.min(1, rows - 1) * aStride;
    int a2 = a0 + Math.min(2, rows - 1) * aStride;
    int a3 = a0 + Math.min(3, rows - 1) * aStride;
    FloatVector c00 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c01 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c10 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c11 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c20 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c21 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c30 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c31 = FloatVector.broadcast(SPECIES, 0f);
    int even = depth & ~1;
    float touched = 0;
    for (int k = 0; k < even; k += 2) {
      touched += b[ahead + AHEAD * k];
      FloatVector v0 = FloatVector.fromArray(SPECIES, b, b0 + k * WIDTH);
      FloatVector v1 = FloatVector.fromArray(SPECIES, b, b0 + k * WIDTH + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(SPECIES, a[a1 + k]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(SPECIES, a[a2 + k]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(SPECIES, a[a3 + k]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
      v0 = FloatVector.fromArray(SPECIES, b, b0 + (k + 1) * WIDTH);
      v1 = FloatVector.fromArray(SPECIES, b, b0 + (k + 1) * WIDTH + LANES);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + 1]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(SPECIES, a[a1 + k + 1]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(SPECIES, a[a2 + k + 1]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(SPECIES, a[a3 + k + 1]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
    }
    for (int k = even; k < depth; k++) {
      FloatVector v0 = FloatVector.fromArray(SPECIES, b, b0 + k * WIDTH);
      FloatVector v1 = FloatVector.fromArray(SPECIES, b, b0 + k * WIDTH + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(SPECIES, a[a1 + k]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(SPECIES, a[a2 + k]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(SPECIES, a[a3 + k]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
    }
    FloatVector.fromArray(SPECIES, onto, d0).add(c00).intoArray(c, c0);
    FloatVector.fromArray(SPECIES, onto, d0 + LANES).add(c01).intoArray(c, c0 + LANES);
    FloatVector.fromArray(SPECIES, onto, d0 + dStride).add(c10).intoArray(c, c0 + cStride);
    FloatVector.fromArray(SPECIES, onto, d0 + dStride + LANES)
        .add(c11)
        .intoArray(c, c0 + cStride + LANES);
    FloatVector.fromArray(SPECIES, onto, d0 + 2 * dStride).add(c20).intoArray(c, c0 + 2 * cStride);
    FloatVector.fromArray(SPECIES, onto, d0 + 2 * dStride + LANES)
        .add(c21)
        .intoArray(c, c0 + 2 * cStride + LANES);
    FloatVector.fromArray(SPECIES, onto, d0 + 3 * dStride).add(c30).intoArray(c, c0 + 3 * cStride);
    FloatVector.fromArray(SPECIES, onto, d0 + 3 * dStride + LANES)
        .add(c31)
        .intoArray(c, c0 + 3 * cStride + LANES);
    return touched;
  }
}
