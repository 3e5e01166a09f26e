// What linear layers on the tensor cores share: how tiles come to shared memory, and how sums leave.
#pragma once

#include "linear.cuh"
#include "tensor.cuh"

namespace {
const int SUM_COLUMNS = 128;  // outputs of a block

// Starts the copies of ROWS rows of COLUMNS inputs; rows and inputs that are not there become zero.
template <int ROWS, int COLUMNS, int THREADS, class TO>
DEVICE void copyTile(const TO& to, const void* from, int firstRow, int rows, int firstInput,
                     int stride) {
  const int chunks = COLUMNS / 8, together = THREADS / chunks;
  const int chunk = threadIdx.x % chunks, own = threadIdx.x / chunks;
  const int input = firstInput + chunk * 8;
  const Bf16* source = (const Bf16*)from + (long long)(firstRow + own) * stride + input;
#pragma unroll
  for (int i = 0; i < ROWS; i += together) {
    copyAsync<16>(to.chunk(own + i, chunk), source, input < stride && firstRow + own + i < rows);
    source += (long long)together * stride;
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
