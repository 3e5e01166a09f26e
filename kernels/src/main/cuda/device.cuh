// What the kernels need from their machine. nvcc gives them a GPU; any other C++ compiler gets
// host.hpp, where the threads of a block are fibres, so that the same sources run, and are checked,
// without a GPU.
#pragma once

#ifdef __CUDACC__
#include <math.h>
#define KERNEL extern "C" __global__ void
#define BOUNDED_KERNEL(threads, blocks) extern "C" __global__ __launch_bounds__(threads, blocks) void
#define DEVICE static __device__ __forceinline__
#define MEMBER __device__ __forceinline__
#define SHARED __shared__
#define DYNAMIC_SHARED(name) extern __shared__ __align__(1024) unsigned char name[]
#define BARRIER() __syncthreads()
#else
#include "host.hpp"
#endif

#ifndef INFINITY
#define INFINITY __int_as_float(0x7f800000)
#endif

// As io.longreach.kernels.device.Activation orders them.
enum Activation { NONE, GELU, GELU_TANH, RELU };

DEVICE float activate(int activation, float x) {
  if (activation == GELU) {
    return 0.5f * x * (1 + erff(x * 0.70710678118654752f));
  }
  if (activation == GELU_TANH) {
    return 0.5f * x * (1 + tanhf(0.79788456080286536f * (x + 0.044715f * x * x * x)));
  }
  return activation == RELU && x < 0 ? 0 : x;
}

// Matrices are float32, or bf16 where only tensor cores read them.
typedef unsigned short Bf16;

DEVICE unsigned bitsOf(float x) {
  union {
    float value;
    unsigned bits;
  } word = {x};
  return word.bits;
}

DEVICE float fromBits(unsigned bits) {
  union {
    unsigned bits;
    float value;
  } word = {bits};
  return word.value;
}

// Round to nearest even, as the hardware; NaN stays NaN.
DEVICE Bf16 bf16(float x) {
  unsigned bits = bitsOf(x);
  return x != x ? 0x7fc0 : (Bf16)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

DEVICE float halfOf(unsigned pair, int which) {
  return fromBits(which ? pair & 0xffff0000u : pair << 16);
}

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

// A matrix of either type: base and element number.
struct Values {
  void* base;
  int isBf16, unused;
};

DEVICE float load(const Values& values, long long at) {
  return values.isBf16 ? fromBits((unsigned)((const Bf16*)values.base)[at] << 16)
                       : ((const float*)values.base)[at];
}

DEVICE void store(const Values& values, long long at, float x) {
  if (values.isBf16) {
    ((Bf16*)values.base)[at] = bf16(x);
  } else {
    ((float*)values.base)[at] = x;
  }
}

DEVICE void store16(void* to, const void* from) {
#ifdef __CUDACC__
  *(uint4*)to = *(const uint4*)from;
#else
  memcpy(to, from, 16);
#endif
}

// Eight elements from one that begins at a multiple of 16 bytes.
DEVICE void storeChunk(const Values& values, long long at, const float (&x)[8]) {
  if (values.isBf16) {
    unsigned pair[4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
      pair[i] = bf16Pair(x[2 * i], x[2 * i + 1]);
    }
    store16((Bf16*)values.base + at, pair);
  } else {
    float* to = (float*)values.base + at;
    store16(to, x);
    store16(to + 4, x + 4);
  }
}
