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
DEVICE void finish(const LinearParameters& p, int row, int output, float sum) {
  if (row < p.rows && output < p.outputs) {
    const long long at = (long long)row * p.outputs + output;
    const float x = activate(p.activation, p.bias ? sum + p.bias[output] : sum);
    store(p.out, at, p.gated ? load(p.out, at) * x : x);
  }
}
}  // namespace
