// Softmax attention over plans, in float32. A pass merges into what earlier passes left in context
// and logSumExp, so that any number of passes gives one softmax (FlashAttention, Dao et al. 2022,
// algorithm 1, with the tiles of a plan in place of all tiles).
#include "tensor.cuh"
#include "attention.cuh"

namespace {
const int QUERIES = 32;  // of a block: eight for each of its four warps
const int KEYS = 32;     // at a time: one for each lane
const int THREADS = 128;
const int ROWS = 8;

// 32 queries of one head by one block. Each warp keeps the sums of eight queries in registers, lane
// l the columns l, l + 32, ...; scores pass through shared memory.
template <int DIM>
DEVICE void attendBlocks(const AttentionParameters& p) {
  SHARED float query[QUERIES][DIM];
  SHARED float rows[KEYS][DIM + 1];  // keys, then values; the odd stride keeps lanes off one bank
  SHARED float score[QUERIES][KEYS + 1];
  SHARED float maximum[QUERIES], sum[QUERIES], shrink[QUERIES];
  SHARED int queryRow[QUERIES], keyRow[KEYS];
  const int thread = threadIdx.x, lane = thread % 32, firstRow = thread / 32 * ROWS;
  const int* tile = p.tiles + (long long)blockIdx.x * TILE_WORDS;
  const int head = p.firstHead + blockIdx.y, dim = p.headDim, column = head * dim;
  const int first = tile[TILE_FIRST], count = tile[TILE_LAST] - first;
  if (thread < QUERIES) {
    maximum[thread] = -INFINITY;
    sum[thread] = 0;
    queryRow[thread] =
        thread < count ? rowOf(p, p.queryOrder, p.queryOrderStride, first + thread) : NOBODY;
  }
  BARRIER();
  for (int i = thread; i < QUERIES * DIM; i += THREADS) {
    int row = queryRow[i / DIM], d = i % DIM;
    bool there = row >= 0 && d < dim;
    query[i / DIM][d] =
        there ? load(p.query, (long long)row * p.queryStride + column + d) : 0;
  }
  float weighted[ROWS][DIM / 32];
  for (int r = 0; r < ROWS; r++) {
    for (int c = 0; c < DIM / 32; c++) {
      weighted[r][c] = 0;
    }
  }
  for (int e = tile[TILE_FIRST_ENTRY]; e < tile[TILE_LAST_ENTRY]; e++) {
    const int* entry = p.entries + (long long)e * ENTRY_WORDS;
    const int mask = entry[ENTRY_MASK];
    for (int start = entry[ENTRY_FIRST]; start < entry[ENTRY_LAST]; start += KEYS) {
      int keys = entry[ENTRY_LAST] - start;
      keys = keys < KEYS ? keys : KEYS;
      BARRIER();
      if (thread < KEYS) {
        keyRow[thread] =
            thread < keys ? rowOf(p, p.keyOrder, p.keyOrderStride, start + thread) : NOBODY;
      }
      BARRIER();
      for (int i = thread; i < KEYS * DIM; i += THREADS) {
        int row = keyRow[i / DIM], d = i % DIM;
        bool there = row >= 0 && d < dim;
        rows[i / DIM][d] = there ? load(p.key, (long long)row * p.keyStride + column + d) : 0;
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
      unsigned bits = ~0u;
      if (mask >= 0 && lane < keys) {
        long long key = start - entry[ENTRY_FIRST] + lane;
        long long word = mask + key * tile[TILE_WORDS_PER_KEY] + tile[TILE_FIRST_BIT] / 64;
        // 32 divides 64: the block's queries lie in one word.
        bits = (unsigned)(p.maskBits[word] >> tile[TILE_FIRST_BIT] % 64);
      }
      // Not allowed is -inf from here on; a score of NaN stays one.
      for (int r = 0; r < ROWS; r++) {
        int row = firstRow + r;
        bool allowed = lane < keys && row < count && (bits >> row & 1);
        if (mask == BY_RULE) {
          allowed = allows(p, queryRow[row], keyRow[lane]);
        }
        score[row][lane] = allowed ? dot[r] * p.softmaxScale : -INFINITY;
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
        int row = keyRow[i / DIM], d = i % DIM;
        bool there = row >= 0 && d < dim;
        rows[i / DIM][d] = there ? load(p.value, (long long)row * p.valueStride + column + d) : 0;
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
    const int rank = first + firstRow + r;
    const int row = contextRow(p, rank);
    Merge merge = weights(p, row, head, maximum[firstRow + r], sum[firstRow + r]);
    for (int c = 0; c < DIM / 32; c++) {
      if (lane + 32 * c < dim) {
        put(p, row, column + lane + 32 * c, merge, weighted[r][c]);
      }
    }
    if (lane == 0) {
      shrink[firstRow + r] = merge.logSumExp;
    }
  }
  BARRIER();  // every lane has read what it merges with before it is replaced
  if (thread < count && p.logSumExp) {
    const int rank = first + thread;
    const int row = contextRow(p, rank);
    p.logSumExp[(long long)row * p.heads + head] = shrink[thread];
  }
}
}  // namespace

KERNEL attention32(AttentionParameters p) { attendBlocks<32>(p); }
KERNEL attention64(AttentionParameters p) { attendBlocks<64>(p); }
KERNEL attention128(AttentionParameters p) { attendBlocks<128>(p); }

namespace {
const int AT_ONCE = 4;  // keys of one query under way
const int LANE_COLUMNS = 4;
}  // namespace

// One query of one head by one warp, each lane with every 32nd column. tiles holds two numbers for
// each query, its row and its last key; keys stand in entries.
KERNEL attentionGather(AttentionParameters p) {
  const int lane = threadIdx.x % 32, query = blockIdx.x * (THREADS / 32) + threadIdx.x / 32;
  const int head = p.firstHead + blockIdx.y, dim = p.headDim, column = head * dim;
  const bool there = query < p.queries;
  const int row = there ? p.tiles[2 * query + 2] : 0;
  const int first = there ? p.tiles[2 * query + 1] : 0, last = there ? p.tiles[2 * query + 3] : 0;
  float own[LANE_COLUMNS], weighted[LANE_COLUMNS] = {}, maximum = -INFINITY, sum = 0;
  for (int c = 0; c < LANE_COLUMNS; c++) {
    int d = lane + 32 * c;
    own[c] = there && d < dim ? load(p.query, (long long)row * p.queryStride + column + d) : 0;
  }
  for (int next = first; next < last; next += AT_ONCE) {
    float score[AT_ONCE] = {};
    for (int k = 0; k < AT_ONCE; k++) {
      for (int c = 0; c < LANE_COLUMNS && next + k < last; c++) {
        int d = lane + 32 * c;
        long long at = (long long)p.entries[next + k] * p.keyStride + column + d;
        score[k] += d < dim ? own[c] * load(p.key, at) : 0;
      }
    }
    warpSums(score);
    float most = maximum;
    for (int k = 0; k < AT_ONCE; k++) {
      score[k] = next + k < last ? score[k] * p.softmaxScale : -INFINITY;
      most = score[k] > most ? score[k] : most;
    }
    float from = most == -INFINITY ? 0 : most, less = expf(maximum - from);
    maximum = most;
    sum *= less;
    for (int c = 0; c < LANE_COLUMNS; c++) {
      weighted[c] *= less;
    }
    for (int k = 0; k < AT_ONCE && next + k < last; k++) {
      float weight = expf(score[k] - from);
      sum += weight;
      for (int c = 0; c < LANE_COLUMNS; c++) {
        int d = lane + 32 * c;
        long long at = (long long)p.entries[next + k] * p.valueStride + column + d;
        weighted[c] += d < dim ? weight * load(p.value, at) : 0;
      }
    }
  }
  Merge merge = there ? weights(p, row, head, maximum, sum) : Merge{0, 0, 0};
  BARRIER();  // every lane has read what it merges with before it is replaced
  if (there) {
    for (int c = 0; c < LANE_COLUMNS; c++) {
      if (lane + 32 * c < dim) {
        put(p, row, column + lane + 32 * c, merge, weighted[c]);
      }
    }
    if (lane == 0 && p.logSumExp) {
      p.logSumExp[(long long)row * p.heads + head] = merge.logSumExp;
    }
  }
}

// Contexts of the same queries over different keys, by rank, become one, and merge into what is there.
struct JoinParameters {
  Values context;
  float* logSumExp;          // [rows, heads], null if nobody asks
  const float* partial;      // [ranks, heads * headDim]
  const float* partialSums;  // logSumExp, [ranks, heads]
  const int* queries;        // [queries, JOIN_WORDS]
  int contextStride, heads, headDim, firstHead, merge;
};

namespace {
const int JOIN_ROW = 0, JOIN_FIRST_RANK = 1, JOIN_RANK_STEP = 2, JOIN_PARTS = 3, JOIN_WORDS = 4;
}  // namespace

// One query of one head by one block.
KERNEL attentionJoin(JoinParameters p) {
  const int* query = p.queries + (long long)blockIdx.x * JOIN_WORDS;
  const int head = p.firstHead + blockIdx.y, parts = query[JOIN_PARTS];
  const long long known = (long long)query[JOIN_ROW] * p.heads + head;
  const long long first = (long long)query[JOIN_FIRST_RANK] * p.heads + head;
  const long long step = (long long)query[JOIN_RANK_STEP] * p.heads;
  const float before = p.merge ? p.logSumExp[known] : -INFINITY;
  float most = before;
  for (int part = 0; part < parts; part++) {
    most = fmaxf(most, p.partialSums[first + part * step]);
  }
  const float from = most == -INFINITY ? 0 : most;
  float total = expf(before - from);
  for (int part = 0; part < parts; part++) {
    total += expf(p.partialSums[first + part * step] - from);
  }
  for (int d = threadIdx.x; d < p.headDim; d += THREADS) {
    const long long at = (long long)query[JOIN_ROW] * p.contextStride + head * p.headDim + d;
    float x = p.merge ? load(p.context, at) * expf(before - from) : 0;
    for (int part = 0; part < parts; part++) {
      const long long rank = first + part * step;
      x += p.partial[rank * p.headDim + d] * expf(p.partialSums[rank] - from);
    }
    store(p.context, at, total == 0 ? 0 : x / total);
  }
  BARRIER();  // every thread has read what it merges with before it is replaced
  if (threadIdx.x == 0 && p.logSumExp) {
    p.logSumExp[known] = total == 0 ? -INFINITY : from + logf(total);
  }
}
