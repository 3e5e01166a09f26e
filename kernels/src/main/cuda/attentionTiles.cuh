// The way of tiles to the tensor cores of attention: the shared memory of a block, its steps through
// the keys, and the copies of the next one.
#pragma once

#include "tensor.cuh"
#include "attention.cuh"

namespace {
const int KEY_TILE = 64;

// The shared memory of a block whose warps have BANDS times 16 queries each: queries, then keys and
// values of all stages, then their masks. QUERIES and KEYS say how rows lie.
template <int DIM_, int WARPS_, int BANDS_, class QUERIES, class KEYS>
struct AttentionTiles {
  static const int DIM = DIM_, WARPS = WARPS_, BANDS = BANDS_, STAGES = 2;
  static const int THREADS = 32 * WARPS, QUERY_TILE = 16 * BANDS * WARPS, WORDS = QUERY_TILE / 32;
  // Entries by rule come in small tiles only, which leaves large ones more registers.
  static const bool RULES = QUERY_TILE == 64;
  unsigned char* memory;

  MEMBER QUERIES query() const { return {(Bf16*)memory}; }
  MEMBER KEYS key(int stage) const {
    return {(Bf16*)memory + (QUERY_TILE + 2 * stage * KEY_TILE) * DIM};
  }
  MEMBER KEYS value(int stage) const { return {key(stage).first + KEY_TILE * DIM}; }
  // [KEY_TILE][WORDS]
  MEMBER unsigned* mask(int stage) const {
    return (unsigned*)key(STAGES).first + stage * KEY_TILE * (WORDS + 1);
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

// Queries, keys or values, and the order of their rows.
struct OrderedRows {
  const Values& values;
  int stride;
  const int* order;
  int orderStride;
};

// Starts the copies of a head's part of up to ROWS rows to shared memory, 16 bytes at a time: every
// thread has the same chunk of each of its rows. Rows that are not there get zeros.
template <class TILES, int ROWS, class TO>
DEVICE void copyHead(const AttentionParameters& p, const TO& to, const OrderedRows& from,
                     int column, int first, int count) {
  const int chunks = TILES::DIM / 8, together = TILES::THREADS / chunks;
  const int chunk = threadIdx.x % chunks, own = threadIdx.x / chunks;
  const int rows = chunk * 8 < p.headDim ? count : 0;
  const Bf16* part = (const Bf16*)from.values.base + column + chunk * 8;
  if (from.order || p.valid) {
#pragma unroll
    for (int i = 0; i < ROWS / together; i++) {
      const int at = own + i * together;
      const int row = at < rows ? rowOf(p, from.order, from.orderStride, first + at) : NOBODY;
      copyAsync<16>(to.chunk(at, chunk), part + (long long)row * from.stride, row >= 0);
    }
    return;
  }
  part += (long long)(first + own) * from.stride;
#pragma unroll
  for (int i = 0; i < ROWS / together; i++) {
    copyAsync<16>(to.chunk(own + i * together, chunk), part, own + i * together < rows);
    part += (long long)together * from.stride;
  }
}

// Starts the copies of a tile's queries, as part of the next group.
template <class TILES>
DEVICE void copyQueries(const AttentionParameters& p, const TILES& t, int first, int count,
                        int column) {
  const OrderedRows queries = {p.query, p.queryStride, p.queryOrder, p.queryOrderStride};
  copyHead<TILES, TILES::QUERY_TILE>(p, t.query(), queries, column, first, count);
}

// Starts the copies of a step into a stage. Keys that are not there get zeros, and no bits.
template <class TILES>
DEVICE void startCopies(const AttentionParameters& p, const TILES& t, const int* tile,
                        const Step& step, int stage, int column) {
  const OrderedRows keys = {p.key, p.keyStride, p.keyOrder, p.keyOrderStride};
  const OrderedRows values = {p.value, p.valueStride, p.keyOrder, p.keyOrderStride};
  copyHead<TILES, KEY_TILE>(p, t.key(stage), keys, column, step.first, step.keys);
  copyHead<TILES, KEY_TILE>(p, t.value(stage), values, column, step.first, step.keys);
  const int words = TILES::WORDS;
  if (step.mask >= 0) {
    const int wordsPerKey = 2 * tile[TILE_WORDS_PER_KEY];
    const unsigned* bits = (const unsigned*)(p.maskBits + step.mask);
    const unsigned* own = bits + step.firstKeyOfMask * wordsPerKey + tile[TILE_FIRST_BIT] / 32;
#pragma unroll
    for (int at = threadIdx.x; at < KEY_TILE * words; at += TILES::THREADS) {
      const int key = at / words, word = at % words;
      const bool there = key < step.keys && tile[TILE_FIRST_BIT] / 32 + word < wordsPerKey;
      copyAsync<4>(t.mask(stage) + at, there ? own + key * wordsPerKey + word : bits, there);
    }
  }
  const int thread = threadIdx.x;
  if (TILES::RULES && step.mask == BY_RULE && thread < KEY_TILE) {
    t.keyRow(stage)[thread] =
        thread < step.keys ? rowOf(p, p.keyOrder, p.keyOrderStride, step.first + thread) : NOBODY;
  }
  commitCopies();
}
}  // namespace
