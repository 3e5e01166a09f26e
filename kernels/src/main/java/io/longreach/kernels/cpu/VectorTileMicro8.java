package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.LANES;
import static io.longreach.kernels.cpu.VectorMath.SPECIES;
import static io.longreach.kernels.cpu.VectorMicro.ROW;
import static io.longreach.kernels.cpu.VectorMicro.WIDTH;

import jdk.incubator.vector.FloatVector;

/** Micro-kernels of attention, 8 rows by 2 vectors: see {@link VectorMicro8}. */
final class VectorTileMicro8 {

  private VectorTileMicro8() {}

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
    FloatVector c40 = FloatVector.fromArray(SPECIES, onto, d0 + 4 * dStride);
    FloatVector c41 = FloatVector.fromArray(SPECIES, onto, d0 + 4 * dStride + LANES);
    FloatVector c50 = FloatVector.fromArray(SPECIES, onto, d0 + 5 * dStride);
    FloatVector c51 = FloatVector.fromArray(SPECIES, onto, d0 + 5 * dStride + LANES);
    FloatVector c60 = FloatVector.fromArray(SPECIES, onto, d0 + 6 * dStride);
    FloatVector c61 = FloatVector.fromArray(SPECIES, onto, d0 + 6 * dStride + LANES);
    FloatVector c70 = FloatVector.fromArray(SPECIES, onto, d0 + 7 * dStride);
    FloatVector c71 = FloatVector.fromArray(SPECIES, onto, d0 + 7 * dStride + LANES);
    for (int k = 0; k < depth; k++) {
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
      x = FloatVector.broadcast(SPECIES, a[a0 + k + 4 * ROW]);
      c40 = x.fma(v0, c40);
      c41 = x.fma(v1, c41);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + 5 * ROW]);
      c50 = x.fma(v0, c50);
      c51 = x.fma(v1, c51);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + 6 * ROW]);
      c60 = x.fma(v0, c60);
      c61 = x.fma(v1, c61);
      x = FloatVector.broadcast(SPECIES, a[a0 + k + 7 * ROW]);
      c70 = x.fma(v0, c70);
      c71 = x.fma(v1, c71);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + LANES);
    c10.intoArray(c, c0 + WIDTH);
    c11.intoArray(c, c0 + WIDTH + LANES);
    c20.intoArray(c, c0 + 2 * WIDTH);
    c21.intoArray(c, c0 + 2 * WIDTH + LANES);
    c30.intoArray(c, c0 + 3 * WIDTH);
    c31.intoArray(c, c0 + 3 * WIDTH + LANES);
    c40.intoArray(c, c0 + 4 * WIDTH);
    c41.intoArray(c, c0 + 4 * WIDTH + LANES);
    c50.intoArray(c, c0 + 5 * WIDTH);
    c51.intoArray(c, c0 + 5 * WIDTH + LANES);
    c60.intoArray(c, c0 + 6 * WIDTH);
    c61.intoArray(c, c0 + 6 * WIDTH + LANES);
    c70.intoArray(c, c0 + 7 * WIDTH);
    c71.intoArray(c, c0 + 7 * WIDTH + LANES);
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
    FloatVector c40 = FloatVector.fromArray(SPECIES, onto, d0 + 4 * dStride);
    FloatVector c41 = FloatVector.fromArray(SPECIES, onto, d0 + 4 * dStride + LANES);
    FloatVector c50 = FloatVector.fromArray(SPECIES, onto, d0 + 5 * dStride);
    FloatVector c51 = FloatVector.fromArray(SPECIES, onto, d0 + 5 * dStride + LANES);
    FloatVector c60 = FloatVector.fromArray(SPECIES, onto, d0 + 6 * dStride);
    FloatVector c61 = FloatVector.fromArray(SPECIES, onto, d0 + 6 * dStride + LANES);
    FloatVector c70 = FloatVector.fromArray(SPECIES, onto, d0 + 7 * dStride);
    FloatVector c71 = FloatVector.fromArray(SPECIES, onto, d0 + 7 * dStride + LANES);
    for (int k = 0; k < depth; k++) {
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
      x = FloatVector.broadcast(SPECIES, a[a0 + k * WIDTH + 4]);
      c40 = x.fma(v0, c40);
      c41 = x.fma(v1, c41);
      x = FloatVector.broadcast(SPECIES, a[a0 + k * WIDTH + 5]);
      c50 = x.fma(v0, c50);
      c51 = x.fma(v1, c51);
      x = FloatVector.broadcast(SPECIES, a[a0 + k * WIDTH + 6]);
      c60 = x.fma(v0, c60);
      c61 = x.fma(v1, c61);
      x = FloatVector.broadcast(SPECIES, a[a0 + k * WIDTH + 7]);
      c70 = x.fma(v0, c70);
      c71 = x.fma(v1, c71);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + LANES);
    c10.intoArray(c, c0 + cStride);
    c11.intoArray(c, c0 + cStride + LANES);
    c20.intoArray(c, c0 + 2 * cStride);
    c21.intoArray(c, c0 + 2 * cStride + LANES);
    c30.intoArray(c, c0 + 3 * cStride);
    c31.intoArray(c, c0 + 3 * cStride + LANES);
    c40.intoArray(c, c0 + 4 * cStride);
    c41.intoArray(c, c0 + 4 * cStride + LANES);
    c50.intoArray(c, c0 + 5 * cStride);
    c51.intoArray(c, c0 + 5 * cStride + LANES);
    c60.intoArray(c, c0 + 6 * cStride);
    c61.intoArray(c, c0 + 6 * cStride + LANES);
    c70.intoArray(c, c0 + 7 * cStride);
    c71.intoArray(c, c0 + 7 * cStride + LANES);
  }
}
