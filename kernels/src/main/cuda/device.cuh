// What the kernels need from their machine. nvcc gives them a GPU; any other C++ compiler gets
// host.hpp, where the threads of a block are fibres, so that the same sources run, and are checked,
// without a GPU.
#pragma once

#ifdef __CUDACC__
#include <math.h>
#define KERNEL extern "C" __global__ void
#define DEVICE static __device__ __forceinline__
#define SHARED __shared__
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
