// Tensor cores, asynchronous copies and shuffles: PTX for a GPU, the same in plain C++ for the host.
#pragma once

#include "device.cuh"

// Two bf16 values in a word, the first in the lower half. Round to nearest even; NaN stays NaN.
DEVICE unsigned bf16Pair(float low, float high) {
#ifdef __CUDACC__
  unsigned pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
#else
  return bf16(low) | (unsigned)bf16(high) << 16;
#endif
}

#ifndef __CUDACC__
struct HostMma {
  float* d;
  const unsigned* a;
  const unsigned* b;
};

// Fragments as the PTX manual lays them out: a[row, k] is in lane row % 8 * 4 + k % 8 / 2.
static void hostMma(void* const* lanes) {
  HostMma warp[32];
  for (int lane = 0; lane < 32; lane++) {
    warp[lane] = *(HostMma*)lanes[lane];
  }
  static float a[16][16], b[4][8][16];
  for (int lane = 0; lane < 32; lane++) {
    for (int i = 0; i < 8; i++) {
      a[lane / 4 + i / 2 % 2 * 8][lane % 4 * 2 + i % 2 + i / 4 * 8] =
          halfOf(warp[lane].a[i / 2], i % 2);
    }
    for (int i = 0; i < 16; i++) {
      b[i / 4][lane / 4][lane % 4 * 2 + i % 2 + i / 2 % 2 * 8] = halfOf(warp[lane].b[i / 2], i % 2);
    }
  }
  for (int lane = 0; lane < 32; lane++) {
    for (int i = 0; i < 16; i++) {
      int row = lane / 4 + i / 2 % 2 * 8, column = lane % 4 * 2 + i % 2;
      float sum = 0;
      for (int k = 0; k < 16; k++) {
        sum += a[row][k] * b[i / 4][column][k];
      }
      warp[lane].d[i] += sum;
    }
  }
}
#endif

// d[16, 4 x 8] += a[16, 16] * b[16, 4 x 8], in the fragments of the PTX manual (mma.m16n8k16): four
// products that share their left side.
DEVICE void mma(float (&d)[4][4], const unsigned (&a)[4], const unsigned (&b)[4][2]) {
#ifdef __CUDACC__
#pragma unroll
  for (int n = 0; n < 4; n++) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
        "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(d[n][0]), "+f"(d[n][1]), "+f"(d[n][2]), "+f"(d[n][3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[n][0]), "r"(b[n][1]));
  }
#else
  HostMma mine = {d[0], a, b[0]};
  hostWarp(&mine, hostMma);
#endif
}
