// What the tensor-core kernels of attention do with fragments of scores, a warp's 16 BANDS queries by
// 64 keys: masks, the online softmax, and the end of a tile.
#pragma once

#include "attentionTiles.cuh"

namespace {
// Scores that are not allowed become -inf. Element i of a fragment stands in row lane / 4 + i / 2 *
// 8 and column lane % 4 * 2 + i % 2.
template <class TILES, int BANDS>
DEVICE void forbid(const AttentionParameters& p, const TILES& t, const Step& step, int stage,
                   const int (&queryRow)[BANDS][2], float (&score)[BANDS][2][4][4]) {
  const int lane = threadIdx.x % 32, firstRow = threadIdx.x / 32 * 16 * BANDS;
#pragma unroll
  for (int n = 0; n < 16; n++) {
    const int key = n / 2 * 8 + lane % 4 * 2 + n % 2;
    // Of the lane's queries, in steps of eight.
    unsigned bits = key < step.keys ? ~0u : 0;
    if (step.mask >= 0) {
      const unsigned word = t.mask(stage)[key * TILES::WORDS + firstRow / 32];
      bits = word >> (firstRow % 32 + lane / 4);
    }
    const bool byRule = TILES::RULES && step.mask == BY_RULE;
    const int keyRow = byRule ? t.keyRow(stage)[key] : 0;
#pragma unroll
    for (int i = 0; i < 2 * BANDS; i++) {
      const bool allowed = byRule ? allows(p, queryRow[i / 2][i % 2], keyRow) : bits >> 8 * i & 1;
      float& x = score[i / 2][n / 8][n / 2 % 4][i % 2 * 2 + n % 2];
      x = allowed ? x : -INFINITY;
    }
  }
}

// Scores become weights; maximum, sum and what was summed up follow the new maximum. Scale makes
// powers of two.
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

// The rows of a lane's queries, and sums that have seen nothing.
template <int BANDS, int GROUPS>
DEVICE void begin(const AttentionParameters& p, int first, int count, int (&queryRow)[BANDS][2],
                  float (&maximum)[BANDS][2], float (&sum)[BANDS][2],
                  float (&weighted)[BANDS][GROUPS][4][4]) {
  const int firstRow = threadIdx.x / 32 * 16 * BANDS + threadIdx.x % 32 / 4;
#pragma unroll
  for (int band = 0; band < BANDS; band++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int row = firstRow + 16 * band + 8 * half;
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
}

// Two neighbouring columns of a context, if the head has them.
DEVICE void putPair(const AttentionParameters& p, int row, int head, int d, const Merge& merge,
                    float left, float right) {
  const int column = head * p.headDim + d;
  const long long at = (long long)row * p.contextStride + column;
  if (p.context.isBf16 && !p.merge && at % 2 == 0 && d + 1 < p.headDim) {
    // A sum of nothing may be NaN.
    const bool some = merge.now != 0;
    *(unsigned*)((Bf16*)p.context.base + at) =
        bf16Pair(some ? left * merge.now : 0, some ? right * merge.now : 0);
    return;
  }
  if (d < p.headDim) {
    put(p, row, column, merge, left);
  }
  if (d + 1 < p.headDim) {
    put(p, row, column + 1, merge, right);
  }
}

// Writes a tile's contexts, or merges them into those of passes before.
template <int BANDS, int GROUPS>
DEVICE void finish(const AttentionParameters& p, int first, int count, int head,
                   const float (&maximum)[BANDS][2], float (&sum)[BANDS][2],
                   const float (&weighted)[BANDS][GROUPS][4][4]) {
  const int lane = threadIdx.x % 32, firstRow = threadIdx.x / 32 * 16 * BANDS;
#pragma unroll
  for (int band = 0; band < BANDS; band++) {
    reduce<4, false>(sum[band]);
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int rank = first + firstRow + 16 * band + lane / 4 + 8 * half;
      const bool there = rank < first + count;
      const int row = there ? contextRow(p, rank) : 0;
      const float most = maximum[band][half] * p.softmaxScale;
      const Merge merge = there ? weights(p, row, head, most, sum[band][half]) : Merge{0, 0, 0};
      BARRIER();  // every lane has read what it merges with before it is replaced
      if (!there) {
        continue;
      }
#pragma unroll
      for (int i = 0; i < GROUPS * 4; i++) {
        const float(&x)[4] = weighted[band][i / 4][i % 4];
        putPair(p, row, head, i * 8 + lane % 4 * 2, merge, x[half * 2], x[half * 2 + 1]);
      }
      if (lane % 4 == 0 && p.logSumExp) {
        p.logSumExp[(long long)row * p.heads + head] = merge.logSumExp;
      }
    }
  }
}
}  // namespace
