// Softmax attention on the tensor cores in bf16 with float32 sums, after FlashAttention-2 (Dao
// 2023): scores and sums stay in registers, keys and values come in tiles of 64 through two stages
// of shared memory, the next one copied while one is worked on.
#include "attentionSoftmax.cuh"

namespace {
template <int DIM, int BANDS>
using TensorTiles = AttentionTiles<DIM, 4, BANDS, SwizzledRows<DIM>, SwizzledRows<DIM>>;

// Query tiles of 64 BANDS by one block.
template <int DIM, int BANDS>
DEVICE void attend(const AttentionParameters& p, unsigned char* memory) {
  const int GROUPS = DIM / 32;
  const TensorTiles<DIM, BANDS> t = {memory};
  const int firstRow = threadIdx.x / 32 * 16 * BANDS;
  const int* tile = p.tiles + (long long)blockIdx.x * TILE_WORDS;
  const int head = p.firstHead + blockIdx.y, column = head * p.headDim;
  const int first = tile[TILE_FIRST], count = tile[TILE_LAST] - first;
  copyQueries(p, t, first, count, column);
  Step step = stepAt(p, tile[TILE_FIRST_ENTRY], tile[TILE_LAST_ENTRY], -1);
  startCopies(p, t, tile, step, 0, column);
  int queryRow[BANDS][2];
  float maximum[BANDS][2], sum[BANDS][2], weighted[BANDS][GROUPS][4][4];
  begin(p, first, count, queryRow, maximum, sum, weighted);
  for (int stage = 0; step.keys > 0; stage ^= 1) {
    waitForCopies<0>();
    BARRIER();  // the stage is there for all, and nobody reads the other one any more
    const Step next = after(p, step, tile[TILE_LAST_ENTRY]);
    if (next.keys > 0) {
      startCopies(p, t, tile, next, stage ^ 1, column);
    }
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
      forbid(p, t, step, stage, queryRow, score);
    }
    soften(score, maximum, sum, weighted, p.softmaxScale * 1.4426950408889634f);
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
  finish(p, first, count, head, maximum, sum, weighted);
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
