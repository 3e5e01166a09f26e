// Softmax attention over plans, in float32. A pass merges into what earlier passes left in context
// and logSumExp, so that any number of passes gives one softmax (FlashAttention, Dao et al. 2022,
// algorithm 1, with the tiles of a plan in place of all tiles).
#include "device.cuh"

namespace {
const int QUERIES = 32;  // of a block: eight for each of its four warps
const int KEYS = 32;     // at a time: one for each lane
const int THREADS = 128;
const int ROWS = 8;
}  // namespace

struct Tensors {
  const float* query;  // [tokens, heads * headDim] with a row stride, as key and value
  const float* key;
  const float* value;
  float* context;    // [tokens, heads * headDim]
  float* logSumExp;  // [tokens, heads]
};

struct Shape {
  int queryStride, keyStride, valueStride, contextStride;
  int heads, headDim, firstHead;
  float softmaxScale;
};

// Arrays of a BlockPlan; its Javadoc says what they mean.
struct BlockParameters {
  Tensors tensors;
  const int* queryOrder;
  const int* keyOrder;
  const int* tileOffsets;
  const int* keyStarts;
  const int* keyEnds;
  const int* maskIndex;
  const unsigned long long* maskBits;
  Shape shape;
  int firstQuery, lastQuery, queryTile, keyTile, wordsPerKey, blocksPerTile;
};

struct GatherParameters {
  Tensors tensors;
  const int* offsets;
  const int* keys;
  Shape shape;
  int firstQuery, lastQuery;
};

namespace {
// The weights of two partial softmaxes in their sum. Exact for disjoint passes.
struct Merge {
  float before, now, logSumExp;
};

DEVICE Merge merged(float before, float now) {
  if (now == -INFINITY) {
    return {1, 0, before};
  }
  if (before == -INFINITY) {
    return {0, 1, now};
  }
  float most = before > now ? before : now;
  float left = expf(before - most);
  float right = expf(now - most);
  float sum = left + right;
  return {left / sum, right / sum, most + logf(sum)};
}

// 32 queries of one head by one block. Each warp keeps the sums of eight queries in registers, lane
// l the columns l, l + 32, ...; scores pass through shared memory.
template <int DIM>
DEVICE void attendBlocks(const BlockParameters& p) {
  SHARED float query[QUERIES][DIM];
  SHARED float rows[KEYS][DIM + 1];  // keys, then values; the odd stride keeps lanes off one bank
  SHARED float score[QUERIES][KEYS + 1];
  SHARED float maximum[QUERIES], sum[QUERIES], shrink[QUERIES];
  const int thread = threadIdx.x, lane = thread % 32, firstRow = thread / 32 * ROWS;
  const int tile = blockIdx.x / p.blocksPerTile;
  const int inTile = blockIdx.x % p.blocksPerTile * QUERIES;
  const int head = p.shape.firstHead + blockIdx.y, dim = p.shape.headDim;
  const int column = head * dim;
  const int first = p.firstQuery + tile * p.queryTile + inTile;
  int left = p.queryTile - inTile;
  left = left < p.lastQuery - first ? left : p.lastQuery - first;
  const int count = left < QUERIES ? left : QUERIES;
  if (count <= 0) {
    return;
  }
  for (int i = thread; i < QUERIES * DIM; i += THREADS) {
    int row = i / DIM, d = i % DIM;
    float x = 0;
    if (row < count && d < dim) {
      int token = p.queryOrder ? p.queryOrder[first + row] : first + row;
      x = p.tensors.query[(long long)token * p.shape.queryStride + column + d];
    }
    query[row][d] = x;
  }
  if (thread < QUERIES) {
    maximum[thread] = -INFINITY;
    sum[thread] = 0;
  }
  float weighted[ROWS][DIM / 32];
  for (int r = 0; r < ROWS; r++) {
    for (int c = 0; c < DIM / 32; c++) {
      weighted[r][c] = 0;
    }
  }
  for (int entry = p.tileOffsets[tile]; entry < p.tileOffsets[tile + 1]; entry++) {
    const int mask = p.maskIndex[entry];
    for (int start = p.keyStarts[entry]; start < p.keyEnds[entry]; start += KEYS) {
      int keys = p.keyEnds[entry] - start;
      keys = keys < KEYS ? keys : KEYS;
      BARRIER();
      for (int i = thread; i < KEYS * DIM; i += THREADS) {
        int row = i / DIM, d = i % DIM;
        float x = 0;
        if (row < keys && d < dim) {
          int token = p.keyOrder ? p.keyOrder[start + row] : start + row;
          x = p.tensors.key[(long long)token * p.shape.keyStride + column + d];
        }
        rows[row][d] = x;
      }
      BARRIER();
      float dot[ROWS] = {};
#pragma unroll 8
      for (int d = 0; d < DIM; d++) {
        float x = rows[lane][d];
        for (int r = 0; r < ROWS; r++) {
          dot[r] += query[firstRow + r][d] * x;
        }
      }
      unsigned long long bits = ~0ull;
      if (mask >= 0 && lane < keys) {
        long long at = (long long)mask * p.keyTile + (start - p.keyStarts[entry] + lane);
        // 32 divides 64: the block's queries lie in one word.
        bits = p.maskBits[at * p.wordsPerKey + inTile / 64] >> (inTile % 64);
      }
      // Not allowed is -inf from here on; a score of NaN stays one.
      for (int r = 0; r < ROWS; r++) {
        bool allowed = lane < keys && firstRow + r < count && (bits >> (firstRow + r) & 1);
        score[firstRow + r][lane] = allowed ? dot[r] * p.shape.softmaxScale : -INFINITY;
      }
      BARRIER();
      if (thread < QUERIES) {
        float before = maximum[thread], most = before;
        for (int k = 0; k < KEYS; k++) {
          most = score[thread][k] > most ? score[thread][k] : most;
        }
        // A row that has seen nothing yet: any finite maximum keeps -inf - -inf away.
        float from = most == -INFINITY ? 0 : most;
        float less = expf(before - from), total = sum[thread] * less;
#pragma unroll 4
        for (int k = 0; k < KEYS; k++) {
          float weight = expf(score[thread][k] - from);
          score[thread][k] = weight;
          total += weight;
        }
        maximum[thread] = most;
        sum[thread] = total;
        shrink[thread] = less;
      }
      for (int i = thread; i < KEYS * DIM; i += THREADS) {
        int row = i / DIM, d = i % DIM;
        float x = 0;
        if (row < keys && d < dim) {
          int token = p.keyOrder ? p.keyOrder[start + row] : start + row;
          x = p.tensors.value[(long long)token * p.shape.valueStride + column + d];
        }
        rows[row][d] = x;
      }
      BARRIER();
      for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < DIM / 32; c++) {
          float total = weighted[r][c] * shrink[firstRow + r];
          for (int k = 0; k < keys; k++) {
            total += score[firstRow + r][k] * rows[k][lane + 32 * c];
          }
          weighted[r][c] = total;
        }
      }
    }
  }
  BARRIER();
  for (int r = 0; r < ROWS && firstRow + r < count; r++) {
    int row = firstRow + r;
    if (sum[row] == 0) {
      continue;
    }
    int token = p.queryOrder ? p.queryOrder[first + row] : first + row;
    float* known = p.tensors.logSumExp + (long long)token * p.shape.heads + head;
    Merge merge = merged(*known, maximum[row] + logf(sum[row]));
    for (int c = 0; c < DIM / 32; c++) {
      if (lane + 32 * c < dim) {
        float* to = p.tensors.context + (long long)token * p.shape.contextStride + column;
        to += lane + 32 * c;
        *to = *to * merge.before + weighted[r][c] / sum[row] * merge.now;
      }
    }
    if (lane == 0) {
      shrink[row] = merge.logSumExp;
    }
  }
  BARRIER();  // every lane has read what it merges with before it is replaced
  if (thread < count && sum[thread] != 0) {
    int token = p.queryOrder ? p.queryOrder[first + thread] : first + thread;
    p.tensors.logSumExp[(long long)token * p.shape.heads + head] = shrink[thread];
  }
}
}  // namespace

KERNEL attention32(BlockParameters p) { attendBlocks<32>(p); }
KERNEL attention64(BlockParameters p) { attendBlocks<64>(p); }
KERNEL attention128(BlockParameters p) { attendBlocks<128>(p); }

// One query of one head by one block: a thread scores a key, then sums a column.
KERNEL attentionGather(GatherParameters p) {
  SHARED float query[THREADS], score[THREADS];
  SHARED int tokens[THREADS];
  const int thread = threadIdx.x, token = p.firstQuery + blockIdx.x;
  const int head = p.shape.firstHead + blockIdx.y, dim = p.shape.headDim, column = head * dim;
  if (thread < dim) {
    query[thread] = p.tensors.query[(long long)token * p.shape.queryStride + column + thread];
  }
  float maximum = -INFINITY, sum = 0, weighted = 0;
  const int last = p.offsets[blockIdx.x + 1];
  for (int first = p.offsets[blockIdx.x]; first < last; first += THREADS) {
    const int keys = last - first < THREADS ? last - first : THREADS;
    BARRIER();
    if (thread < keys) {
      int key = p.keys[first + thread];
      const float* row = p.tensors.key + (long long)key * p.shape.keyStride + column;
      float dot = 0;
      for (int d = 0; d < dim; d++) {
        dot += query[d] * row[d];
      }
      score[thread] = dot * p.shape.softmaxScale;
      tokens[thread] = key;
    }
    BARRIER();
    // Every thread repeats the sums, which are short, rather than waiting for one that does.
    float before = maximum;
    for (int k = 0; k < keys; k++) {
      maximum = score[k] > maximum ? score[k] : maximum;
    }
    float from = maximum == -INFINITY ? 0 : maximum, less = expf(before - from);
    sum *= less;
    weighted *= less;
    for (int k = 0; k < keys; k++) {
      float weight = expf(score[k] - from);
      sum += weight;
      if (thread < dim) {
        const float* row = p.tensors.value + (long long)tokens[k] * p.shape.valueStride + column;
        weighted += weight * row[thread];
      }
    }
  }
  float* known = p.tensors.logSumExp + (long long)token * p.shape.heads + head;
  Merge merge = merged(*known, sum == 0 ? -INFINITY : maximum + logf(sum));
  BARRIER();
  if (thread < dim && sum != 0) {
    float* to = p.tensors.context + (long long)token * p.shape.contextStride + column + thread;
    *to = *to * merge.before + weighted / sum * merge.now;
  }
  if (thread == 0) {
    *known = merge.logSumExp;
  }
}

// context and logSumExp [rows], one head each row, take in another partial result of the same
// queries: other hash rounds, other executors.
struct MergeParameters {
  float* context;
  float* logSumExp;
  const float* otherContext;
  const float* otherLogSumExp;
  int rows, headDim;
};

KERNEL mergePartials(MergeParameters p) {
  const int row = blockIdx.x;
  Merge merge = merged(p.logSumExp[row], p.otherLogSumExp[row]);
  for (int d = threadIdx.x; d < p.headDim; d += blockDim.x) {
    long long at = (long long)row * p.headDim + d;
    p.context[at] = p.context[at] * merge.before + p.otherContext[at] * merge.now;
  }
  BARRIER();
  if (threadIdx.x == 0) {
    p.logSumExp[row] = merge.logSumExp;
  }
}
