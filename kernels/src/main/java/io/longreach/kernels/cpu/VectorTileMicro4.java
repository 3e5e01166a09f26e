package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.LANES;
import static io.longreach.kernels.cpu.VectorMath.SPECIES;
import static io.longreach.kernels.cpu.VectorMicro.ROW;
import static io.longreach.kernels.cpu.VectorMicro.WIDTH;

import jdk.incubator.vector.FloatVector;

/** Micro-kernels of attention, 4 rows by 2 vectors: see {@link VectorMicro4}. */
final class VectorTileMicro4 {

  private VectorTileMicro4() {}

  /** See {@link VectorMicro#scores}. */
  static void scores(
      float[] a,
      int a0,
      float[] b,
      int b0,
      int depth,
      float[] onto,
      int d0,
      int dStride,
      float[] c,
      int c0) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, onto, d0);
    FloatVector c01 = FloatVector.fromArray(SPECIES, onto, d0 + LANES);
    FloatVector c10 = FloatVector.fromArray(SPECIES, onto, d0 + dStride);
    FloatVector c11 = FloatVector.fromArray(SPECIES, onto, d0 + dStride + LANES);
    FloatVector c20 = FloatVector.fromArray(SPECIES, onto, d0 + 2 * dStride);
    FloatVector c21 = FloatVector.fromArray(SPECIES, onto, d0 + 2 * dStride + LANES);
    FloatVector c30 = FloatVector.fromArray(SPECIES, onto, d0 + 3 * dStride);
    FloatVector c31 = FloatVector.fromArray(SPECIES, onto, d0 + 3 * dStride + LANES);
    int even = depth & ~1;
    for (int k = 0; k < even; k += 2) {
      FloatVector v0 = FloatVector.fromArray(SPECIES, b, b0 + k * WIDTH);
      FloatVector v1 = FloatVector.fromArray(SPECIES, b, b0 + k * WIDTH + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + ROW]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + 2 * ROW]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + 3 * ROW]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
      v0 = FloatVector.fromArray(SPECIES, b, b0 + (k + 1) * WIDTH);
      v1 = FloatVector.fromArray(SPECIES, b, b0 + (k + 1) * WIDTH + LANES);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + 1]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + 1 + ROW]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + 1 + 2 * ROW]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + 1 + 3 * ROW]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
    }
    for (int k = even; k < depth; k++) {
      FloatVector v0 = FloatVector.fromArray(SPECIES, b, b0 + k * WIDTH);
      FloatVector v1 = FloatVector.fromArray(SPECIES, b, b0 + k * WIDTH + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + ROW]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + 2 * ROW]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + 3 * ROW]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + LANES);
    c10.intoArray(c, c0 + WIDTH);
    c11.intoArray(c, c0 + WIDTH + LANES);
    c20.intoArray(c, c0 + 2 * WIDTH);
    c21.intoArray(c, c0 + 2 * WIDTH + LANES);
    c30.intoArray(c, c0 + 3 * WIDTH);
    c31.intoArray(c, c0 + 3 * WIDTH + LANES);
  }

  /** See {@link VectorMicro#columns}. */
  static void columns(
      float[] a,
      int a0,
      float[] b,
      int b0,
      int depth,
      float[] onto,
      int d0,
      int dStride,
      float[] c,
      int c0,
      int cStride) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, onto, d0);
    FloatVector c01 = FloatVector.fromArray(SPECIES, onto, d0 + LANES);
    FloatVector c10 = FloatVector.fromArray(SPECIES, onto, d0 + dStride);
    FloatVector c11 = FloatVector.fromArray(SPECIES, onto, d0 + dStride + LANES);
    FloatVector c20 = FloatVector.fromArray(SPECIES, onto, d0 + 2 * dStride);
    FloatVector c21 = FloatVector.fromArray(SPECIES, onto, d0 + 2 * dStride + LANES);
    FloatVector c30 = FloatVector.fromArray(SPECIES, onto, d0 + 3 * dStride);
    FloatVector c31 = FloatVector.fromArray(SPECIES, onto, d0 + 3 * dStride + LANES);
    int even = depth & ~1;
    for (int k = 0; k < even; k += 2) {
      FloatVector v0 = FloatVector.fromArray(SPECIES, b, b0 + k * WIDTH);
      FloatVector v1 = FloatVector.fromArray(SPECIES, b, b0 + k * WIDTH + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + k * WIDTH]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(SPECIES, a[a0 + k * WIDTH + 1]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(SPECIES, a[a0 + k * WIDTH + 2]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(SPECIES, a[a0 + k * WIDTH + 3]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
      v0 = FloatVector.fromArray(SPECIES, b, b0 + (k + 1) * WIDTH);
      v1 = FloatVector.fromArray(SPECIES, b, b0 + (k + 1) * WIDTH + LANES);
      x = FloatVector.broadcast(SPECIES, a[a0 + (k + 1) * WIDTH]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(SPECIES, a[a0 + (k + 1) * WIDTH + 1]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(SPECIES, a[a0 + (k + 1) * WIDTH + 2]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(SPECIES, a[a0 + (k + 1) * WIDTH + 3]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
    }
    for (int k = even; k < depth; k++) {
      FloatVector v0 = FloatVector.fromArray(SPECIES, b, b0 + k * WIDTH);
      FloatVector v1 = FloatVector.fromArray(SPECIES, b, b0 + k * WIDTH + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + k * WIDTH]);
      c00 = x.fma(v0, c00);
      c01 = x.fma(v1, c01);
      x = FloatVector.broadcast(SPECIES, a[a0 + k * WIDTH + 1]);
      c10 = x.fma(v0, c10);
      c11 = x.fma(v1, c11);
      x = FloatVector.broadcast(SPECIES, a[a0 + k * WIDTH + 2]);
      c20 = x.fma(v0, c20);
      c21 = x.fma(v1, c21);
      x = FloatVector.broadcast(SPECIES, a[a0 + k * WIDTH + 3]);
      c30 = x.fma(v0, c30);
      c31 = x.fma(v1, c31);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + LANES);
    c10.intoArray(c, c0 + cStride);
    c11.intoArray(c, c0 + cStride + LANES);
    c20.intoArray(c, c0 + 2 * cStride);
    c21.intoArray(c, c0 + 2 * cStride + LANES);
    c30.intoArray(c, c0 + 3 * cStride);
    c31.intoArray(c, c0 + 3 * cStride + LANES);
  }
}
