// What an encoder does row by row: norms, embeddings, positions, copies.
#include "device.cuh"

struct NormParameters {
  const float* in;        // [rows, columns]
  const float* residual;  // the same, or null
  const float* scale;     // [columns]
  const float* shift;     // [columns] or null
  float* out;
  int columns;
  float epsilon;
};

namespace {
const int NORM_THREADS = 128;

// The sum over all threads, in one order whatever the rows around.
DEVICE float total(float mine, float* parts) {
  parts[threadIdx.x] = mine;
  for (int half = NORM_THREADS / 2; half > 0; half /= 2) {
    BARRIER();
    if ((int)threadIdx.x < half) {
      parts[threadIdx.x] += parts[threadIdx.x + half];
    }
  }
  BARRIER();
  float sum = parts[0];
  BARRIER();
  return sum;
}

DEVICE float sumAt(const NormParameters& p, long long at) {
  return p.residual ? p.in[at] + p.residual[at] : p.in[at];
}
}  // namespace

// out = LayerNorm(in + residual): one block a row, the variance from the differences.
KERNEL addNorm(NormParameters p) {
  SHARED float parts[NORM_THREADS];
  const long long row = (long long)blockIdx.x * p.columns;
  float sum = 0, squares = 0;
  for (int c = threadIdx.x; c < p.columns; c += NORM_THREADS) {
    sum += sumAt(p, row + c);
  }
  const float mean = total(sum, parts) / p.columns;
  for (int c = threadIdx.x; c < p.columns; c += NORM_THREADS) {
    float difference = sumAt(p, row + c) - mean;
    squares += difference * difference;
  }
  const float inverse = 1 / sqrtf(total(squares, parts) / p.columns + p.epsilon);
  for (int c = threadIdx.x; c < p.columns; c += NORM_THREADS) {
    float x = (sumAt(p, row + c) - mean) * inverse * p.scale[c];
    p.out[row + c] = p.shift ? x + p.shift[c] : x;
  }
}

struct ElementParameters {
  float* inOut;
  const float* other;
  long long count;
  float value;
};

namespace {
DEVICE long long element() { return (long long)blockIdx.x * blockDim.x + threadIdx.x; }
}  // namespace

KERNEL addElements(ElementParameters p) {
  if (element() < p.count) {
    p.inOut[element()] += p.other[element()];
  }
}

// A gate: GeGLU is a linear layer with GELU, times a linear layer without.
KERNEL multiplyElements(ElementParameters p) {
  if (element() < p.count) {
    p.inOut[element()] *= p.other[element()];
  }
}

KERNEL fillElements(ElementParameters p) {
  if (element() < p.count) {
    p.inOut[element()] = p.value;
  }
}

// to[toRows[i], toColumn ..] = from[fromRows[i]], or += ; null rows are 0, 1, 2, ...
// With a table as from, this is the embedding lookup.
struct CopyParameters {
  const float* from;
  const int* fromRows;
  float* to;
  const int* toRows;
  int columns, fromStride, toStride, toColumn, accumulate;
};

KERNEL copyRows(CopyParameters p) {
  const int i = blockIdx.x;
  const float* from = p.from + (long long)(p.fromRows ? p.fromRows[i] : i) * p.fromStride;
  float* to = p.to + (long long)(p.toRows ? p.toRows[i] : i) * p.toStride + p.toColumn;
  for (int c = threadIdx.x; c < p.columns; c += blockDim.x) {
    to[c] = p.accumulate ? to[c] + from[c] : from[c];
  }
}

// Rotary positions in halves (Su et al. 2021, GPT-NeoX's layout). Angles in double precision: a
// position of millions is as exact as position 1.
struct RotateParameters {
  float* rows;  // of the first token, from the first head's first column
  const double* frequencies;  // [headDim / 2]
  int stride, heads, headDim, firstPosition;
};

KERNEL rotate(RotateParameters p) {
  const int pairs = p.headDim / 2;
  float* row = p.rows + (long long)blockIdx.x * p.stride;
  for (int pair = threadIdx.x; pair < pairs; pair += blockDim.x) {
    const double angle = (p.firstPosition + (double)blockIdx.x) * p.frequencies[pair];
    const float cosine = (float)cos(angle), sine = (float)sin(angle);
    for (int head = 0; head < p.heads; head++) {
      float* left = row + head * p.headDim + pair;
      const float x = *left, y = left[pairs];
      *left = x * cosine - y * sine;
      left[pairs] = y * cosine + x * sine;
    }
  }
}
