// The way of tiles to the tensor cores of attention: the shared memory of a block, its steps through
// the keys, and the copies of the next one.
#pragma once

#include "tensor.cuh"
#include "attention.cuh"

namespace {
const int KEY_TILE = 64, WARPS = 4;

// The shared memory of a block whose warps have BANDS times 16 queries each.
template <int DIM, int BANDS>
struct AttentionTiles {
  static const int QUERY_TILE = 16 * BANDS * WARPS, WORDS = QUERY_TILE / 32;
  // Entries by rule come in small tiles only, which leaves large ones more registers.
  static const bool RULES = BANDS == 1;
  static const int STAGE_BYTES = KEY_TILE * (2 * DIM * 2 + (WORDS + 1) * 4);
  unsigned char* memory;

  MEMBER SwizzledRows<DIM> query() const { return {(Bf16*)memory}; }
  MEMBER unsigned char* stageOf(int stage) const {
    return memory + QUERY_TILE * DIM * 2 + stage * STAGE_BYTES;
  }
  MEMBER SwizzledRows<DIM> key(int stage) const { return {(Bf16*)stageOf(stage)}; }
  MEMBER SwizzledRows<DIM> value(int stage) const {
    return {(Bf16*)stageOf(stage) + KEY_TILE * DIM};
  }
  // [KEY_TILE][WORDS]
  MEMBER unsigned* mask(int stage) const {
    return (unsigned*)(stageOf(stage) + 4 * KEY_TILE * DIM);
  }
  // [KEY_TILE], for rules
  MEMBER int* keyRow(int stage) const { return (int*)mask(stage) + KEY_TILE * WORDS; }
};

// Up to 64 keys of an entry.
struct Step {
  int entry, first, keys, mask, firstKeyOfMask;
};

DEVICE Step stepAt(const AttentionParameters& p, int entry, int lastEntry, int first) {
  if (entry >= lastEntry) {
    return {entry, 0, 0, FULL, 0};
  }
  const int* words = p.entries + (long long)entry * ENTRY_WORDS;
  const int start = first < 0 ? words[ENTRY_FIRST] : first;
  const int left = words[ENTRY_LAST] - start;
  return {entry, start, left < KEY_TILE ? left : KEY_TILE, words[ENTRY_MASK],
          start - words[ENTRY_FIRST]};
}

DEVICE Step after(const AttentionParameters& p, const Step& step, int lastEntry) {
  const int first = step.first + KEY_TILE;
  const bool inEntry = first < p.entries[(long long)step.entry * ENTRY_WORDS + ENTRY_LAST];
  return stepAt(p, inEntry ? step.entry : step.entry + 1, lastEntry, inEntry ? first : -1);
}

// The 16 bytes of a row that a thread copies in one of its turns.
template <int DIM>
DEVICE void copyChunk(const SwizzledRows<DIM>& to, int at, const Values& from, int row, int stride,
                      int column, int dim) {
  const int chunk = at % (DIM / 8);
  const bool there = row >= 0 && chunk * 8 < dim;
  const Bf16* base = (const Bf16*)from.base;
  const long long element = (long long)row * stride + column + chunk * 8;
  copyAsync<16>(to.chunk(at / (DIM / 8), chunk), there ? base + element : base, there);
}

// Starts the copies of a step into a stage.
template <int DIM, int BANDS>
DEVICE void startCopies(const AttentionParameters& p, const AttentionTiles<DIM, BANDS>& t,
                        const int* tile, const Step& step, int stage, int column) {
  const int thread = threadIdx.x, words = AttentionTiles<DIM, BANDS>::WORDS;
#pragma unroll 4
  for (int i = 0; i < KEY_TILE * DIM / 8 / (32 * WARPS); i++) {
    const int at = thread + i * 32 * WARPS, key = at / (DIM / 8);
    int row = NOBODY;
    if (key < step.keys) {
      row = rowOf(p, p.keyOrder, p.keyOrderStride, step.first + key);
    }
    copyChunk<DIM>(t.key(stage), at, p.key, row, p.keyStride, column, p.headDim);
    copyChunk<DIM>(t.value(stage), at, p.value, row, p.valueStride, column, p.headDim);
  }
  if (step.mask >= 0) {
    const int wordsPerKey = 2 * tile[TILE_WORDS_PER_KEY];
#pragma unroll
    for (int i = 0; i < KEY_TILE * words / (32 * WARPS) + (words == 1 ? 1 : 0); i++) {
      const int at = thread + i * 32 * WARPS, key = at / words;
      const int word = tile[TILE_FIRST_BIT] / 32 + at % words;
      if (at < KEY_TILE * words) {
        const bool there = key < step.keys && word < wordsPerKey;
        const unsigned* bits = (const unsigned*)(p.maskBits + step.mask);
        const long long from = (long long)(step.firstKeyOfMask + key) * wordsPerKey + word;
        copyAsync<4>(t.mask(stage) + at, there ? bits + from : bits, there);
      }
    }
  }
  if (t.RULES && step.mask == BY_RULE && thread < KEY_TILE) {
    t.keyRow(stage)[thread] =
        thread < step.keys ? rowOf(p, p.keyOrder, p.keyOrderStride, step.first + thread) : NOBODY;
  }
  commitCopies();
}

template <int DIM, int BANDS>
DEVICE void startNext(const AttentionParameters& p, const AttentionTiles<DIM, BANDS>& t,
                      const int* tile, const Step& step, int stage, int column) {
  const Step next = after(p, step, tile[TILE_LAST_ENTRY]);
  if (next.keys > 0) {
    startCopies<DIM, BANDS>(p, t, tile, next, stage, column);
  }
}
}  // namespace
