// Softmax attention on Hopper's tensor cores, as attentionTensor.cu has it for all: warpgroups of 64
// queries, scores from keys in shared memory, contexts from weights in registers and values as they
// lie. Two blocks share a multiprocessor: one multiplies while the other makes weights of its scores.
#include "attentionSoftmax.cuh"
#include "hopper.cuh"

namespace {
template <int DIM, int GROUPS>
using AttentionHopperTiles = AttentionTiles<DIM, 4 * GROUPS, 1, Panels<64 * GROUPS, DIM>,
                                   Panels<KEY_TILE, DIM>>;

// Query tiles of 64 GROUPS by one block.
template <int DIM, int GROUPS>
DEVICE void attendHopper(const AttentionParameters& p, unsigned char* memory) {
  using Tiles = AttentionHopperTiles<DIM, GROUPS>;
  const Tiles t = {memory};
  const int* tile = p.tiles + (long long)blockIdx.x * TILE_WORDS;
  const int head = p.firstHead + blockIdx.y, column = head * p.headDim;
  const int first = tile[TILE_FIRST], count = tile[TILE_LAST] - first;
  const int firstRow = threadIdx.x / WARPGROUP * 64;
  copyQueries(p, t, first, count, column);
  Step step = stepAt(p, tile[TILE_FIRST_ENTRY], tile[TILE_LAST_ENTRY], -1);
  startCopies(p, t, tile, step, 0, column);
  int queryRow[1][2];
  float maximum[1][2], sum[1][2], weighted[1][DIM / 32][4][4];
  begin(p, first, count, queryRow, maximum, sum, weighted);
  float(&sums)[DIM / 2] = (float(&)[DIM / 2]) weighted;
  for (int stage = 0; step.keys > 0; stage ^= 1) {
    waitForCopies<0>();
    showToTensorCores();
    BARRIER();  // the stage is there for all, and nobody reads the other one any more
    float score[1][2][4][4];
    beginProducts();
#pragma unroll
    for (int k = 0; k < DIM; k += 16) {
      startProduct((float(&)[32])score, t.query(), firstRow, t.key(stage), k, k > 0);
    }
    commitProducts();
    const Step next = after(p, step, tile[TILE_LAST_ENTRY]);
    if (next.keys > 0) {
      startCopies(p, t, tile, next, stage ^ 1, column);
    }
    waitForProducts<0>();
    if (step.mask != FULL || step.keys < KEY_TILE) {
      forbid(p, t, step, stage, queryRow, score);
    }
    soften(score, maximum, sum, weighted, p.softmaxScale * 1.4426950408889634f);
    unsigned weight[KEY_TILE / 16][4];
#pragma unroll
    for (int i = 0; i < KEY_TILE / 4; i++) {
      const float* x = score[0][i / 8][i / 2 % 4] + i % 2 * 2;
      weight[i / 4][i % 4] = bf16Pair(x[0], x[1]);
    }
    beginProducts();
#pragma unroll
    for (int k = 0; k < KEY_TILE; k += 16) {
      startProduct(sums, weight[k / 16], t.value(stage), k);
    }
    commitProducts();
    waitForProducts<0>();
    step = next;
  }
  waitForCopies<0>();
  finish(p, first, count, head, maximum, sum, weighted);
}
}  // namespace

#define HOPPER_ATTENTION(dim, groups, threads, blocks, queries)                             \
  BOUNDED_KERNEL(threads, blocks) attentionHopper##dim##x##queries(AttentionParameters p) { \
    DYNAMIC_SHARED(memory);                                                                 \
    attendHopper<dim, groups>(p, memory);                                                   \
  }

HOPPER_ATTENTION(32, 1, 128, 3, 64)
HOPPER_ATTENTION(64, 1, 128, 3, 64)
HOPPER_ATTENTION(128, 1, 128, 2, 64)
HOPPER_ATTENTION(32, 2, 256, 2, 128)
HOPPER_ATTENTION(64, 2, 256, 2, 128)
HOPPER_ATTENTION(128, 2, 256, 2, 128)
