package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.LANES;
import static io.longreach.kernels.cpu.VectorMath.SPECIES;
import static io.longreach.kernels.cpu.VectorMicro.AHEAD;
import static io.longreach.kernels.cpu.VectorMicro.WIDTH;

import jdk.incubator.vector.FloatVector;

/**
 * Micro-kernels of 8 rows by 2 vectors for the 32 registers of AVX-512: sixteen chains of
 * multiply-adds, and a load of values serves twice the rows. {@code rows} is unrolled twice, as its
 * eight addresses cost more instructions than its multiply-adds; unrolled four times it has too
 * many nodes for C2, which then leaves vectors on the heap.
 */
final class VectorMicro8 {

  private VectorMicro8() {}

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
    int a4 = a0 + Math.min(4, rows - 1) * aStride;
    int a5 = a0 + Math.min(5, rows - 1) * aStride;
    int a6 = a0 + Math.min(6, rows - 1) * aStride;
    int a7 = a0 + Math.min(7, rows - 1) * aStride;
    FloatVector c00 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c01 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c10 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c11 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c20 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c21 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c30 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c31 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c40 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c41 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c50 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c51 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c60 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c61 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c70 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c71 = FloatVector.broadcast(SPECIES, 0f);
    int whole = depth & -2;
    float touched = 0;
    for (int k = 0; k < whole; k += 2) {
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
      x = FloatVector.broadcast(SPECIES, a[a4 + k]);
      c40 = x.fma(v0, c40);
      c41 = x.fma(v1, c41);
      x = FloatVector.broadcast(SPECIES, a[a5 + k]);
      c50 = x.fma(v0, c50);
      c51 = x.fma(v1, c51);
      x = FloatVector.broadcast(SPECIES, a[a6 + k]);
      c60 = x.fma(v0, c60);
      c61 = x.fma(v1, c61);
      x = FloatVector.broadcast(SPECIES, a[a7 + k]);
      c70 = x.fma(v0, c70);
      c71 = x.fma(v1, c71);
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
      x = FloatVector.broadcast(SPECIES, a[a4 + k + 1]);
      c40 = x.fma(v0, c40);
      c41 = x.fma(v1, c41);
      x = FloatVector.broadcast(SPECIES, a[a5 + k + 1]);
      c50 = x.fma(v0, c50);
      c51 = x.fma(v1, c51);
      x = FloatVector.broadcast(SPECIES, a[a6 + k + 1]);
      c60 = x.fma(v0, c60);
      c61 = x.fma(v1, c61);
      x = FloatVector.broadcast(SPECIES, a[a7 + k + 1]);
      c70 = x.fma(v0, c70);
      c71 = x.fma(v1, c71);
    }
    for (int k = whole; k < depth; k++) {
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
      x = FloatVector.broadcast(SPECIES, a[a4 + k]);
      c40 = x.fma(v0, c40);
      c41 = x.fma(v1, c41);
      x = FloatVector.broadcast(SPECIES, a[a5 + k]);
      c50 = x.fma(v0, c50);
      c51 = x.fma(v1, c51);
      x = FloatVector.broadcast(SPECIES, a[a6 + k]);
      c60 = x.fma(v0, c60);
      c61 = x.fma(v1, c61);
      x = FloatVector.broadcast(SPECIES, a[a7 + k]);
      c70 = x.fma(v0, c70);
      c71 = x.fma(v1, c71);
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
    FloatVector.fromArray(SPECIES, onto, d0 + 4 * dStride).add(c40).intoArray(c, c0 + 4 * cStride);
    FloatVector.fromArray(SPECIES, onto, d0 + 4 * dStride + LANES)
        .add(c41)
        .intoArray(c, c0 + 4 * cStride + LANES);
    FloatVector.fromArray(SPECIES, onto, d0 + 5 * dStride).add(c50).intoArray(c, c0 + 5 * cStride);
    FloatVector.fromArray(SPECIES, onto, d0 + 5 * dStride + LANES)
        .add(c51)
        .intoArray(c, c0 + 5 * cStride + LANES);
    FloatVector.fromArray(SPECIES, onto, d0 + 6 * dStride).add(c60).intoArray(c, c0 + 6 * cStride);
    FloatVector.fromArray(SPECIES, onto, d0 + 6 * dStride + LANES)
        .add(c61)
        .intoArray(c, c0 + 6 * cStride + LANES);
    FloatVector.fromArray(SPECIES, onto, d0 + 7 * dStride).add(c70).intoArray(c, c0 + 7 * cStride);
    FloatVector.fromArray(SPECIES, onto, d0 + 7 * dStride + LANES)
        .add(c71)
        .intoArray(c, c0 + 7 * cStride + LANES);
    return touched;
  }
}
