// What the kernels of softmax attention share: parameters, and the merge of partial results.
#pragma once

#include "device.cuh"

// A launch covers query tiles of any number of documents. Ranks are rows where there is no order.
struct AttentionParameters {
  Values query, key, value, context;  // from the first document's first row and first column on
  float* logSumExp;                   // [rows, heads], null if nobody asks
  const int* queryOrder;              // row of a rank; null for none
  const int* keyOrder;
  const int* tiles;                     // [tiles, TILE_WORDS]
  const int* entries;                   // [entries, ENTRY_WORDS]
  const unsigned long long* maskBits;   // as BlockPlan has them
  const int* valid;                     // [rows], for tiles by rule; null for all
  int queryStride, keyStride, valueStride, contextStride;
  int heads, headDim, firstHead;
  float softmaxScale;
  int queryOrderStride, keyOrderStride;  // from head to head
  int queries;                           // of a gather
  int rule;                              // of entries without bits
  int merge;                             // into what is there, instead of over it
  int byRank;                            // contexts lie by the ranks of their queries, not by rows
};

namespace {
// Of a tile: ranks, entries, where its queries begin in the bits of their masks, words of a key.
const int TILE_FIRST = 0, TILE_LAST = 1, TILE_FIRST_ENTRY = 2, TILE_LAST_ENTRY = 3;
const int TILE_FIRST_BIT = 4, TILE_WORDS_PER_KEY = 5, TILE_WORDS = 6;
// Of an entry: key ranks, and the first word of its mask or one of the two below.
const int ENTRY_FIRST = 0, ENTRY_LAST = 1, ENTRY_MASK = 2, ENTRY_WORDS = 3;
const int FULL = -1, BY_RULE = -2;
// Rules compare rows: a query sees no key of its own row, none of a later row.
const int NOT_SELF = 1, NOT_LATER = 2;
const int NOBODY = -1;

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

// The weights of a pass of one row whose sum and maximum are known, with what was there.
DEVICE Merge weights(const AttentionParameters& p, int row, int head, float maximum, float sum) {
  float now = sum == 0 ? -INFINITY : maximum + logf(sum);
  float before = p.merge ? p.logSumExp[(long long)row * p.heads + head] : -INFINITY;
  Merge merge = merged(before, now);
  merge.now = sum == 0 ? 0 : merge.now / sum;
  merge.before = p.merge ? merge.before : 0;
  return merge;
}

DEVICE void put(const AttentionParameters& p, int row, int column, const Merge& merge, float sum) {
  const long long at = (long long)row * p.contextStride + column;
  float x = merge.now == 0 ? 0 : sum * merge.now;
  store(p.context, at, p.merge ? load(p.context, at) * merge.before + x : x);
}

DEVICE bool allows(const AttentionParameters& p, int query, int key) {
  return query >= 0 && key >= 0 && !(p.rule & NOT_SELF && key == query) &&
         !(p.rule & NOT_LATER && key > query);
}

// Where the context of a query goes.
DEVICE int contextRow(const AttentionParameters& p, int rank) {
  return p.queryOrder && !p.byRank ? p.queryOrder[(long long)blockIdx.y * p.queryOrderStride + rank]
                                   : rank;
}

// The row of a rank by an order; NOBODY for padding under a rule.
DEVICE int rowOf(const AttentionParameters& p, const int* order, int stride, int rank) {
  int row = order ? order[(long long)(blockIdx.y) * stride + rank] : rank;
  return p.valid && !p.valid[row] ? NOBODY : row;
}
}  // namespace
