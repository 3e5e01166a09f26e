// Products of small matrices in shared memory by 256 threads, in float32.
#pragma once

#include "device.cuh"

namespace {
const int PRODUCT_THREADS = 256;
const int TILE = 64;           // rows and columns of most tiles
const int TILE_ROW = TILE + 1;  // the odd stride keeps neighbouring rows off one bank
}  // namespace

// A matrix in shared memory by its strides, so that one product serves transposed ones too.
struct Operand {
  const float* first;
  int row, depth;
};

// sum[i][j] += left[thread / 16 + 16 i] . right[thread % 16 + 16 j], over the depth.
template <int ROWS, int COLUMNS>
DEVICE void multiply(Operand left, Operand right, int depth, float (&sum)[ROWS][COLUMNS]) {
  const float* a = left.first + threadIdx.x / 16 * left.row;
  const float* b = right.first + threadIdx.x % 16 * right.row;
#pragma unroll 4
  for (int k = 0; k < depth; k++) {
    float x[ROWS], y[COLUMNS];
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
      x[i] = a[16 * i * left.row + k * left.depth];
    }
#pragma unroll
    for (int j = 0; j < COLUMNS; j++) {
      y[j] = b[16 * j * right.row + k * right.depth];
    }
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
#pragma unroll
      for (int j = 0; j < COLUMNS; j++) {
        sum[i][j] += x[i] * y[j];
      }
    }
  }
}

template <int ROWS, int COLUMNS>
DEVICE void clear(float (&sum)[ROWS][COLUMNS]) {
#pragma unroll
  for (int i = 0; i < ROWS; i++) {
#pragma unroll
    for (int j = 0; j < COLUMNS; j++) {
      sum[i][j] = 0;
    }
  }
}
