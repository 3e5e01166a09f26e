// out = activation(in * weight^T + bias), with weight [outputs, inputs] as published.
#include "tensor.cuh"

struct LinearParameters {
  const float* in;      // [rows, inputs]
  const float* weight;  // [outputs, inputs]
  const float* bias;    // [outputs] or null
  float* out;           // [rows, outputs]
  int rows, inputs, outputs, activation;
};

namespace {
const int SIDE = 64;   // rows and outputs of a block
const int DEPTH = 16;  // inputs at a time

DEVICE void store(const LinearParameters& p, int row, int output, float sum) {
  if (row < p.rows && output < p.outputs) {
    float x = p.bias ? sum + p.bias[output] : sum;
    p.out[(long long)row * p.outputs + output] = activate(p.activation, x);
  }
}

DEVICE float at(const float* matrix, int row, int rows, int input, int inputs) {
  return row < rows && input < inputs ? matrix[(long long)row * inputs + input] : 0;
}
}  // namespace

// Float32: 256 threads, 4 x 4 sums each.
KERNEL linearFloat(LinearParameters p) {
  SHARED float in[DEPTH][SIDE + 1], weight[DEPTH][SIDE + 1];
  const int thread = threadIdx.x, firstRow = blockIdx.y * SIDE, firstOutput = blockIdx.x * SIDE;
  const int row = thread / 16, output = thread % 16;
  float sum[4][4] = {};
  for (int first = 0; first < p.inputs; first += DEPTH) {
    for (int i = thread; i < SIDE * DEPTH; i += 256) {
      int side = i / DEPTH, depth = i % DEPTH;
      in[depth][side] = at(p.in, firstRow + side, p.rows, first + depth, p.inputs);
      weight[depth][side] = at(p.weight, firstOutput + side, p.outputs, first + depth, p.inputs);
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
      store(p, firstRow + row + 16 * r, firstOutput + output + 16 * o, sum[r][o]);
    }
  }
}

// bfloat16 on the tensor cores with float32 sums: 128 threads, each warp 32 x 32 outputs.
KERNEL linearBfloat(LinearParameters p) {
  // Pairs of neighbouring inputs in one word; the stride of 12 keeps fragments off shared banks.
  const int PAIRS = DEPTH / 2;
  SHARED unsigned in[SIDE][PAIRS + 4], weight[SIDE][PAIRS + 4];
  const int thread = threadIdx.x, lane = thread % 32, group = lane / 4, pair = lane % 4;
  const int firstRow = blockIdx.y * SIDE, firstOutput = blockIdx.x * SIDE;
  const int row = thread / 64 * 32, output = thread / 32 % 2 * 32;
  float sum[2][4][4] = {};
  for (int first = 0; first < p.inputs; first += DEPTH) {
    for (int i = thread; i < SIDE * PAIRS; i += 128) {
      int side = i / PAIRS, input = first + 2 * (i % PAIRS);
      in[side][i % PAIRS] = bf16Pair(at(p.in, firstRow + side, p.rows, input, p.inputs), at(p.in, firstRow + side, p.rows, input + 1, p.inputs));
      weight[side][i % PAIRS] =
          bf16Pair(at(p.weight, firstOutput + side, p.outputs, input, p.inputs), at(p.weight, firstOutput + side, p.outputs, input + 1, p.inputs));
    }
    BARRIER();
    for (int r = 0; r < 2; r++) {
      int top = row + 16 * r + group;
      unsigned a[4] = {in[top][pair], in[top + 8][pair], in[top][pair + 4], in[top + 8][pair + 4]};
      unsigned b[4][2];
      for (int o = 0; o < 4; o++) {
        int column = output + 8 * o + group;
        b[o][0] = weight[column][pair];
        b[o][1] = weight[column][pair + 4];
      }
      mma(sum[r], a, b);
    }
    BARRIER();
  }
  for (int r = 0; r < 2; r++) {
    for (int o = 0; o < 4; o++) {
      for (int i = 0; i < 4; i++) {
        int line = firstRow + row + 16 * r + group + i / 2 * 8;
        store(p, line, firstOutput + output + 8 * o + 2 * pair + i % 2, sum[r][o][i]);
      }
    }
  }
}
