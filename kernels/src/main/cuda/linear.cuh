// What the kernels of linear layers share: out = activation(in * weight^T + bias), with weight
// [outputs, inputs] as published.
#pragma once

#include "device.cuh"

struct LinearParameters {
  const void* in;      // [rows, stride]
  const void* weight;  // [outputs, stride]
  const float* bias;   // [outputs] or null
  Values out;          // [rows, outputs]
  int rows, stride, outputs, activation;
  int gated;  // the result multiplies what is in out already
};

namespace {
const int SUM_COLUMNS = 128;  // outputs of a block, on the tensor cores

DEVICE void finish(const LinearParameters& p, int row, int output, float sum) {
  if (row < p.rows && output < p.outputs) {
    const long long at = (long long)row * p.outputs + output;
    const float x = activate(p.activation, p.bias ? sum + p.bias[output] : sum);
    store(p.out, at, p.gated ? load(p.out, at) * x : x);
  }
}

const int CHUNK = 8;  // outputs that a thread writes at once

DEVICE void finishChunk(const LinearParameters& p, int row, int output, const float* sum) {
  if (row >= p.rows || output + CHUNK > p.outputs || p.outputs % CHUNK != 0) {
    for (int i = 0; i < CHUNK; i++) {
      finish(p, row, output + i, sum[i]);
    }
    return;
  }
  const long long at = (long long)row * p.outputs + output;
  float x[CHUNK];
#pragma unroll
  for (int i = 0; i < CHUNK; i++) {
    x[i] = activate(p.activation, p.bias ? sum[i] + p.bias[output + i] : sum[i]);
    x[i] = p.gated ? load(p.out, at + i) * x[i] : x[i];
  }
  storeChunk(p.out, at, x);
}

// Where a sum waits for its row: rows of a fragment are moved to different banks.
DEVICE int sumAt(int row, int output) { return row * SUM_COLUMNS + (output ^ row % 8 * 8); }

// Writes what all sums of a block have become, ROWS by SUM_COLUMNS, in whole rows.
template <int ROWS, int THREADS>
DEVICE void finishSums(const LinearParameters& p, const float* sums) {
  const int chunks = SUM_COLUMNS / CHUNK;
#pragma unroll 2
  for (int at = threadIdx.x; at < ROWS * chunks; at += THREADS) {
    const int row = at / chunks, output = at % chunks * CHUNK;
    finishChunk(p, blockIdx.y * ROWS + row, blockIdx.x * SUM_COLUMNS + output,
                sums + sumAt(row, output));
  }
}
}  // namespace
