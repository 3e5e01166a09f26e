// Linear layers in float32.
#include "linear.cuh"

namespace {
const int SIDE = 64;   // rows and outputs of a block
const int DEPTH = 16;  // inputs at a time

DEVICE float at(const void* matrix, int row, int rows, int input, int inputs) {
  return row < rows && input < inputs ? ((const float*)matrix)[(long long)row * inputs + input] : 0;
}
}  // namespace

// 256 threads, 4 x 4 sums each.
KERNEL linearFloat(LinearParameters p) {
  SHARED float in[DEPTH][SIDE + 1], weight[DEPTH][SIDE + 1];
  const int thread = threadIdx.x, firstRow = blockIdx.y * SIDE, firstOutput = blockIdx.x * SIDE;
  const int row = thread / 16, output = thread % 16;
  float sum[4][4] = {};
  for (int first = 0; first < p.stride; first += DEPTH) {
    for (int i = thread; i < SIDE * DEPTH; i += 256) {
      int side = i / DEPTH, depth = i % DEPTH;
      in[depth][side] = at(p.in, firstRow + side, p.rows, first + depth, p.stride);
      weight[depth][side] = at(p.weight, firstOutput + side, p.outputs, first + depth, p.stride);
    }
    BARRIER();
    for (int depth = 0; depth < DEPTH; depth++) {
      for (int r = 0; r < 4; r++) {
        for (int o = 0; o < 4; o++) {
          sum[r][o] += in[depth][row + 16 * r] * weight[depth][output + 16 * o];
        }
      }
    }
    BARRIER();
  }
  for (int r = 0; r < 4; r++) {
    for (int o = 0; o < 4; o++) {
      finish(p, firstRow + row + 16 * r, firstOutput + output + 16 * o, sum[r][o]);
    }
  }
}
