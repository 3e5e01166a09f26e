// Softmax attention on the tensor cores in bf16 with float32 sums, after FlashAttention-2 (Dao
// 2023): scores and sums stay in registers, keys and values come in tiles of 64 through two stages
// of shared memory, the next one copied while one is worked on.
#include "attentionTiles.cuh"

namespace {
// Scores that are not allowed become -inf. Element i of a fragment stands in row lane / 4 + i / 2 *
// 8 and column lane % 4 * 2 + i % 2.
template <int DIM, int BANDS>
DEVICE void forbid(const AttentionParameters& p, const AttentionTiles<DIM, BANDS>& t,
                   const Step& step, int stage, const int (&queryRow)[BANDS][2],
                   float (&score)[BANDS][2][4][4]) {
  const int lane = threadIdx.x % 32, firstRow = threadIdx.x / 32 * 16 * BANDS;
#pragma unroll
  for (int n = 0; n < 8; n++) {
#pragma unroll
    for (int side = 0; side < 2; side++) {
      const int key = n * 8 + lane % 4 * 2 + side;
      unsigned bits = ~0u;
      if (step.mask >= 0) {
        bits = t.mask(stage)[key * AttentionTiles<DIM, BANDS>::WORDS + firstRow / 32];
      }
      const int keyRow = t.RULES && step.mask == BY_RULE ? t.keyRow(stage)[key] : 0;
#pragma unroll
      for (int band = 0; band < BANDS; band++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
          const int bit = (firstRow + 16 * band + lane / 4 + 8 * half) % 32;
          bool allowed = key < step.keys && (bits >> bit & 1);
          if (t.RULES && step.mask == BY_RULE) {
            allowed = allows(p, queryRow[band][half], keyRow);
          }
          float& x = score[band][n / 4][n % 4][2 * half + side];
          x = allowed ? x : -INFINITY;
        }
      }
    }
  }
}

// Scores become weights; maximum, sum and what was summed up follow the new maximum.
template <int BANDS, int GROUPS>
DEVICE void soften(float (&score)[BANDS][2][4][4], float (&maximum)[BANDS][2],
                   float (&sum)[BANDS][2], float (&weighted)[BANDS][GROUPS][4][4], float scale) {
  float most[2 * BANDS];
#pragma unroll
  for (int row = 0; row < 2 * BANDS; row++) {
    most[row] = maximum[row / 2][row % 2];
#pragma unroll
    for (int i = 0; i < 16; i++) {
      most[row] = fmaxf(most[row], score[row / 2][i / 8][i / 2 % 4][row % 2 * 2 + i % 2]);
    }
  }
  reduce<4, true>(most);
#pragma unroll
  for (int row = 0; row < 2 * BANDS; row++) {
    const int band = row / 2, half = row % 2;
    // A row that has seen nothing yet: any finite maximum keeps -inf - -inf away.
    const float from = most[row] == -INFINITY ? 0 : most[row] * scale;
    const float less = powerOfTwo(maximum[band][half] * scale - from);
    maximum[band][half] = most[row];
    float total = sum[band][half] * less;
#pragma unroll
    for (int i = 0; i < 16; i++) {
      float& x = score[band][i / 8][i / 2 % 4][half * 2 + i % 2];
      x = powerOfTwo(x * scale - from);
      total += x;
    }
    sum[band][half] = total;
#pragma unroll
    for (int i = 0; i < GROUPS * 8; i++) {
      weighted[band][i / 8][i / 2 % 4][half * 2 + i % 2] *= less;
    }
  }
}

// Query tiles of 64 BANDS by one block.
template <int DIM, int BANDS>
DEVICE void attend(const AttentionParameters& p, unsigned char* memory) {
  const int GROUPS = DIM / 32;
  const AttentionTiles<DIM, BANDS> t = {memory};
  const int thread = threadIdx.x, lane = thread % 32, firstRow = thread / 32 * 16 * BANDS;
  const int* tile = p.tiles + (long long)blockIdx.x * TILE_WORDS;
  const int head = p.firstHead + blockIdx.y, column = head * p.headDim;
  const int first = tile[TILE_FIRST], count = tile[TILE_LAST] - first;
  for (int at = thread; at < t.QUERY_TILE * DIM / 8; at += 32 * WARPS) {
    int row = NOBODY;
    if (at / (DIM / 8) < count) {
      row = rowOf(p, p.queryOrder, p.queryOrderStride, first + at / (DIM / 8));
    }
    copyChunk<DIM>(t.query(), at, p.query, row, p.queryStride, column, p.headDim);
  }
  Step step = stepAt(p, tile[TILE_FIRST_ENTRY], tile[TILE_LAST_ENTRY], -1);
  startCopies<DIM, BANDS>(p, t, tile, step, 0, column);
  int queryRow[BANDS][2];
  float maximum[BANDS][2], sum[BANDS][2], weighted[BANDS][GROUPS][4][4];
#pragma unroll
  for (int band = 0; band < BANDS; band++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int row = firstRow + 16 * band + lane / 4 + 8 * half;
      queryRow[band][half] =
          row < count ? rowOf(p, p.queryOrder, p.queryOrderStride, first + row) : NOBODY;
      maximum[band][half] = -INFINITY;
      sum[band][half] = 0;
    }
#pragma unroll
    for (int i = 0; i < GROUPS * 16; i++) {
      weighted[band][i / 16][i / 4 % 4][i % 4] = 0;
    }
  }
  for (int stage = 0; step.keys > 0; stage ^= 1) {
    waitForCopies<0>();
    BARRIER();  // the stage is there for all, and nobody reads the other one any more
    startNext<DIM, BANDS>(p, t, tile, step, stage ^ 1, column);
    float score[BANDS][2][4][4] = {};
#pragma unroll
    for (int k = 0; k < DIM; k += 16) {
      unsigned a[BANDS][4];
#pragma unroll
      for (int band = 0; band < BANDS; band++) {
        t.query().loadLeft(a[band], firstRow + 16 * band, k);
      }
#pragma unroll
      for (int half = 0; half < 2; half++) {
        unsigned b[4][2];
        t.key(stage).loadRight(b, 32 * half, k);
#pragma unroll
        for (int band = 0; band < BANDS; band++) {
          mma(score[band][half], a[band], b);
        }
      }
    }
    if (step.mask != FULL || step.keys < KEY_TILE) {
      forbid<DIM, BANDS>(p, t, step, stage, queryRow, score);
    }
    soften<BANDS, GROUPS>(score, maximum, sum, weighted, p.softmaxScale * 1.4426950408889634f);
#pragma unroll
    for (int k = 0; k < KEY_TILE; k += 16) {
      unsigned a[BANDS][4];
#pragma unroll
      for (int band = 0; band < BANDS; band++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          const float* x = score[band][k / 32][k / 8 % 4 + i / 2] + i % 2 * 2;
          a[band][i] = bf16Pair(x[0], x[1]);
        }
      }
#pragma unroll
      for (int group = 0; group < GROUPS; group++) {
        unsigned b[4][2];
        t.value(stage).loadRightTransposed(b, k, 32 * group);
#pragma unroll
        for (int band = 0; band < BANDS; band++) {
          mma(weighted[band][group], a[band], b);
        }
      }
    }
    step = after(p, step, tile[TILE_LAST_ENTRY]);  // again, rather than in registers all along
  }
  waitForCopies<0>();
#pragma unroll
  for (int band = 0; band < BANDS; band++) {
    reduce<4, false>(sum[band]);
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int rank = first + firstRow + 16 * band + lane / 4 + 8 * half;
      const bool there = rank < first + count;
      int row = rank;
      if (there && p.queryOrder) {
        row = p.queryOrder[(long long)blockIdx.y * p.queryOrderStride + rank];
      }
      const float most = maximum[band][half] * p.softmaxScale;
      const Merge merge = there ? weights(p, row, head, most, sum[band][half]) : Merge{0, 0, 0};
      BARRIER();  // every lane has read what it merges with before it is replaced
      if (!there) {
        continue;
      }
#pragma unroll
      for (int i = 0; i < GROUPS * 8; i++) {
        const int d = i / 2 * 8 + lane % 4 * 2 + i % 2;
        if (d < p.headDim) {
          put(p, row, column + d, merge, weighted[band][i / 8][i / 2 % 4][half * 2 + i % 2]);
        }
      }
      if (lane % 4 == 0 && p.logSumExp) {
        p.logSumExp[(long long)row * p.heads + head] = merge.logSumExp;
      }
    }
  }
}
}  // namespace

#define ATTENTION(dim, bands, queries)                                              \
  BOUNDED_KERNEL(128, 2) attentionTensor##dim##x##queries(AttentionParameters p) { \
    DYNAMIC_SHARED(memory);                                                         \
    attend<dim, bands>(p, memory);                                                  \
  }

ATTENTION(32, 1, 64)
ATTENTION(64, 1, 64)
ATTENTION(128, 1, 64)
ATTENTION(32, 2, 128)
ATTENTION(64, 2, 128)
ATTENTION(128, 2, 128)
