// What an encoder does row by row: norms, embeddings, positions, copies.
#include "tensor.cuh"

struct NormParameters {
  Values in;        // [rows, columns]
  Values residual;  // the same, or null
  Values out;
  Bf16* operand;       // the result in bf16, [rows, operandStride], or null
  const float* scale;  // [columns]
  const float* shift;  // [columns] or null
  int rows, columns;
  float epsilon;
  int operandStride;
};

namespace {
const int NORM_THREADS = 128;
const int NORM_COLUMNS = 1024;  // that a warp keeps in registers

// The sum over all threads, in one order whatever the rows around.
DEVICE float total(float mine, float* parts) {
  float sum[1] = {mine};
  warpSums(sum);
  if (threadIdx.x % 32 == 0) {
    parts[threadIdx.x / 32] = sum[0];
  }
  BARRIER();
  float all = 0;
  for (int warp = 0; warp < NORM_THREADS / 32; warp++) {
    all += parts[warp];
  }
  BARRIER();
  return all;
}

DEVICE float sumAt(const NormParameters& p, long long at) {
  return p.residual.base ? load(p.in, at) + load(p.residual, at) : load(p.in, at);
}

DEVICE void storeNormed(const NormParameters& p, int row, int column, float x) {
  x *= p.scale[column];
  x = p.shift ? x + p.shift[column] : x;
  store(p.out, (long long)row * p.columns + column, x);
  if (p.operand) {
    p.operand[(long long)row * p.operandStride + column] = bf16(x);
  }
}
}  // namespace

// out = LayerNorm(in + residual): one warp a row, which is read once.
KERNEL addNormNarrow(NormParameters p) {
  const int lane = threadIdx.x % 32, row = blockIdx.x * (NORM_THREADS / 32) + threadIdx.x / 32;
  const long long first = (long long)row * p.columns;
  const bool there = row < p.rows;
  float x[NORM_COLUMNS / 32], sum[1] = {0}, squares[1] = {0};
#pragma unroll
  for (int i = 0; i < NORM_COLUMNS / 32; i++) {
    const int c = lane + 32 * i;
    x[i] = there && c < p.columns ? sumAt(p, first + c) : 0;
    sum[0] += x[i];
  }
  warpSums(sum);
  const float mean = sum[0] / p.columns;
#pragma unroll
  for (int i = 0; i < NORM_COLUMNS / 32; i++) {
    const float difference = lane + 32 * i < p.columns ? x[i] - mean : 0;
    squares[0] += difference * difference;
  }
  warpSums(squares);
  const float inverse = 1 / sqrtf(squares[0] / p.columns + p.epsilon);
#pragma unroll
  for (int i = 0; i < NORM_COLUMNS / 32; i++) {
    const int c = lane + 32 * i;
    if (there && c < p.columns) {
      storeNormed(p, row, c, (x[i] - mean) * inverse);
    }
  }
}

// The same for rows of any width: one block a row, the variance from the differences.
KERNEL addNormWide(NormParameters p) {
  SHARED float parts[NORM_THREADS / 32];
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
    storeNormed(p, blockIdx.x, c, (sumAt(p, row + c) - mean) * inverse);
  }
}

struct ElementParameters {
  Values inOut, other;
  long long count;
  float value;
};

namespace {
DEVICE long long element() { return (long long)blockIdx.x * blockDim.x + threadIdx.x; }
}  // namespace

KERNEL addElements(ElementParameters p) {
  if (element() < p.count) {
    store(p.inOut, element(), load(p.inOut, element()) + load(p.other, element()));
  }
}

KERNEL fillElements(ElementParameters p) {
  if (element() < p.count) {
    store(p.inOut, element(), p.value);
  }
}

// to[toRows[i], toColumn ..] = from[fromRows[i]], or += ; null rows are 0, 1, 2, ...
// With a table as from, this is the embedding lookup; between types, a conversion. Columns of to
// beyond those of from become zero.
struct CopyParameters {
  Values from, to;
  const int* fromRows;
  const int* toRows;
  int columns, fromStride, toStride, toColumns, accumulate;
};

KERNEL copyRows(CopyParameters p) {
  const int i = blockIdx.x;
  const long long from = (long long)(p.fromRows ? p.fromRows[i] : i) * p.fromStride;
  const long long to = (long long)(p.toRows ? p.toRows[i] : i) * p.toStride;
  for (int c = threadIdx.x; c < p.toColumns; c += blockDim.x) {
    const float x = c < p.columns ? load(p.from, from + c) : 0;
    store(p.to, to + c, p.accumulate ? load(p.to, to + c) + x : x);
  }
}

// Rotary positions in halves (Su et al. 2021, GPT-NeoX's layout). Angles in double precision: a
// position of millions is as exact as position 1.
struct RotateParameters {
  Values rows;  // of the first token, from the first head's first column
  const double* frequencies;  // [headDim / 2]
  const int* positions;  // of the rows, negative for a row to leave; null: one after the other
  int stride, heads, headDim, firstPosition;
};

KERNEL rotate(RotateParameters p) {
  const int pairs = p.headDim / 2;
  const long long row = (long long)blockIdx.x * p.stride;
  const double position =
      p.positions ? p.positions[blockIdx.x] : p.firstPosition + (double)blockIdx.x;
  for (int pair = threadIdx.x; position >= 0 && pair < pairs; pair += blockDim.x) {
    const double angle = position * p.frequencies[pair];
    const float cosine = (float)cos(angle), sine = (float)sin(angle);
    for (int head = 0; head < p.heads; head++) {
      const long long left = row + head * p.headDim + pair, right = left + pairs;
      const float x = load(p.rows, left), y = load(p.rows, right);
      store(p.rows, left, x * cosine - y * sine);
      store(p.rows, right, y * cosine + x * sine);
    }
  }
}

// Rows of a document become one, column by column: segments of rows first, then the segments.
struct ReduceSegment {
  int firstRow, lastRow, document;
};

struct ReduceDocument {
  int firstRow, firstSegment, lastSegment;
};

struct ReduceParameters {
  Values rows;      // [any, columns]
  double* partial;  // [segments, columns]
  float* reduced;   // [documents, 2, columns]: the result, and what a float of it leaves over
  const ReduceSegment* segments;
  const ReduceDocument* documents;
  int columns, kind;
};

namespace {
// As io.longreach.kernels.device.RowReduction orders them.
enum Reduction { SUM, WEIGHTED_SUM, MAX };

DEVICE double reducedNone(int kind) { return kind == MAX ? -INFINITY : 0; }

DEVICE double reduced(int kind, double all, double x) {
  // A comparison with NaN is false: NaN stays, and comes in.
  return kind == MAX ? (x > all || x != x ? x : all) : all + x;
}
}  // namespace

KERNEL reduceRows(ReduceParameters p) {
  const ReduceSegment segment = p.segments[blockIdx.x];
  const int before = p.documents[segment.document].firstRow;
  const int column = blockIdx.y * blockDim.x + threadIdx.x;
  if (column < p.columns) {
    double all = reducedNone(p.kind);
    for (int row = segment.firstRow; row < segment.lastRow; row++) {
      const double x = load(p.rows, (long long)row * p.columns + column);
      all = reduced(p.kind, all, p.kind == WEIGHTED_SUM ? (row - before + 1.0) * x : x);
    }
    p.partial[(long long)blockIdx.x * p.columns + column] = all;
  }
}

KERNEL reduceSegments(ReduceParameters p) {
  const ReduceDocument document = p.documents[blockIdx.x];
  const int column = blockIdx.y * blockDim.x + threadIdx.x;
  if (column < p.columns) {
    double all = reducedNone(p.kind);
    for (int segment = document.firstSegment; segment < document.lastSegment; segment++) {
      all = reduced(p.kind, all, p.partial[(long long)segment * p.columns + column]);
    }
    const float whole = (float)all;
    float* to = p.reduced + (long long)blockIdx.x * 2 * p.columns + column;
    to[0] = whole;
    to[p.columns] = whole - whole == 0 ? (float)(all - whole) : 0;
  }
}
