// What LSH attention needs besides attention (Kitaev et al. 2020): keys, hashes, a stable sort by
// bucket, and the tokens that meet nobody.
#include "tensor.cuh"
#include "product.cuh"

struct LshKeyParameters {
  Values queries, keys;  // [rows, heads * headDim]
  int rows, heads, headDim, published;
};

// Normalised queries; transformers divides by the root of the mean square, lucidrains by the length.
KERNEL lshKeys(LshKeyParameters p) {
  const int lane = threadIdx.x % 32, row = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
  const bool there = row < p.rows;
  const long long first = ((long long)row * p.heads + blockIdx.y) * p.headDim;
  float squares[1] = {0};
  for (int d = lane; there && d < p.headDim; d += 32) {
    const float x = load(p.queries, first + d);
    squares[0] += x * x;
  }
  warpSums(squares);
  const float root = sqrtf(squares[0]);
  const float factor = p.published ? 1 / sqrtf(squares[0] / p.headDim + 1e-6f) / sqrtf(p.headDim)
                                   : 1 / (root > 1e-12f ? root : 1e-12f);
  for (int d = lane; there && d < p.headDim; d += 32) {
    store(p.keys, first + d, load(p.queries, first + d) * factor);
  }
}

// Documents share launches. Arrays for sorting hold the tokens of all of them one behind the other,
// [rows, tokens], with a row for each head and round.
struct LshDocument {
  int firstRow;    // in matrices
  int firstToken;  // in arrays for sorting
  int tokens;
  int rotationHeads, columns;    // of its rotations
  int firstFactor, factorCount;  // of its number of buckets
  int maskedBucket;              // of tokens that are not valid, -1 if they are hashed like any
  int firstChunk, chunks;        // of the sort
};

// What a block works on: tokens of a document.
struct LshPart {
  int document, first;
};

struct LshHashParameters {
  Values rows;                    // from the first document's first row and the first column on
  const float* const* rotations;  // of each document, [rotationHeads, headDim, rounds, columns]
  const int* valid;               // [rows], null for all
  const int* factors;
  const LshDocument* documents;
  const LshPart* parts;
  int* buckets;  // [heads, rounds, tokens]
  int stride, headDim, rounds, tokens;
};

namespace {
// The argmax over [x, -x] of each factor's columns as they come by, the first on ties; factors
// combine as digits, the first the lowest.
struct Digits {
  int factor, column, most, least, bucket, product;
  float high, low;

  MEMBER void next(float x, const int* factors) {
    if (column == 0 || x > high) {
      high = x;
      most = column;
    }
    if (column == 0 || x < low) {
      low = x;
      least = column;
    }
    const int half = factors[factor] / 2;
    if (++column == half) {
      bucket += product * (high >= -low ? most : half + least);
      product *= factors[factor++];
      column = 0;
    }
  }
};

// 64 tokens of one head and round by one block.
template <int DIM>
DEVICE void hash(const LshHashParameters& p, unsigned char* memory) {
  const int width = DIM + 1;
  float* tokens = (float*)memory;             // [64][width]
  float* rotations = tokens + TILE * width;   // [64][width], transposed
  float* rotated = rotations + TILE * width;  // [64][TILE_ROW]
  const LshPart part = p.parts[blockIdx.x];
  const LshDocument document = p.documents[part.document];
  const int first = part.first, head = blockIdx.y / p.rounds, round = blockIdx.y % p.rounds;
  for (int i = threadIdx.x; i < TILE * DIM; i += PRODUCT_THREADS) {
    const int token = i / DIM, d = i % DIM;
    const bool there = first + token < document.tokens && d < p.headDim;
    const long long row = document.firstRow + first + token;
    const long long at = row * p.stride + head * p.headDim + d;
    tokens[token * width + d] = there ? load(p.rows, at) : 0;
  }
  const float* drawn = p.rotations[part.document];
  const int matrix = document.rotationHeads == 1 ? 0 : head * p.headDim, columns = document.columns;
  Digits digits = {0, 0, 0, 0, 0, 1, 0, 0};
  for (int firstColumn = 0; firstColumn < columns; firstColumn += TILE) {
    BARRIER();
    for (int i = threadIdx.x; i < TILE * DIM; i += PRODUCT_THREADS) {
      const int column = i % TILE, d = i / TILE;
      const bool there = firstColumn + column < columns && d < p.headDim;
      const long long at =
          ((long long)(matrix + d) * p.rounds + round) * columns + firstColumn + column;
      rotations[column * width + d] = there ? drawn[at] : 0;
    }
    BARRIER();
    float sum[4][4];
    clear(sum);
    multiply(Operand{tokens, width, 1}, Operand{rotations, width, 1}, DIM, sum);
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        rotated[(threadIdx.x / 16 + 16 * i) * TILE_ROW + threadIdx.x % 16 + 16 * j] = sum[i][j];
      }
    }
    BARRIER();
    if (threadIdx.x < TILE) {
      for (int c = 0; c < TILE && firstColumn + c < columns; c++) {
        digits.next(rotated[threadIdx.x * TILE_ROW + c], p.factors + document.firstFactor);
      }
    }
  }
  const int token = first + threadIdx.x;
  if (threadIdx.x < TILE && token < document.tokens) {
    const bool hashed = document.maskedBucket < 0 || !p.valid || p.valid[document.firstRow + token];
    const long long at = (long long)blockIdx.y * p.tokens + document.firstToken + token;
    p.buckets[at] = hashed ? digits.bucket : document.maskedBucket;
  }
}
}  // namespace

KERNEL lshHash64(LshHashParameters p) {
  DYNAMIC_SHARED(memory);
  hash<64>(p, memory);
}

KERNEL lshHash128(LshHashParameters p) {
  DYNAMIC_SHARED(memory);
  hash<128>(p, memory);
}

// One pass of a stable radix sort over eight bits of the buckets. Each document is sorted by itself
// in each row; a block takes a chunk of 256 of its places, a thread for each place and each digit.
struct LshSortParameters {
  const int* keys;    // [rows, tokens]
  const int* tokens;  // matrix rows of the keys, likewise; null for a document's order
  int* sortedKeys;
  int* sortedTokens;
  int* counts;  // [rows, chunks of all documents, 256]; within a document [256, chunks]
  const LshDocument* documents;
  const LshPart* parts;
  int count, chunks, shift;  // tokens and chunks of all documents
};

namespace {
const int DIGITS = 256;

DEVICE long long firstOf(const LshSortParameters& p, const LshDocument& document) {
  return (long long)blockIdx.y * p.count + document.firstToken;
}

DEVICE int* countsOf(const LshSortParameters& p, const LshDocument& document, int digit) {
  const long long chunk = (long long)blockIdx.y * p.chunks + document.firstChunk;
  return p.counts + chunk * DIGITS + (long long)digit * document.chunks;
}

DEVICE void loadDigits(const LshSortParameters& p, const LshDocument& document, int at,
                       int* digits) {
  digits[threadIdx.x] = at < document.tokens
                            ? p.keys[firstOf(p, document) + at] >> p.shift & (DIGITS - 1)
                            : -1;
  BARRIER();
}
}  // namespace

KERNEL lshCount(LshSortParameters p) {
  SHARED int digits[DIGITS];
  const LshPart part = p.parts[blockIdx.x];
  const LshDocument document = p.documents[part.document];
  loadDigits(p, document, part.first + threadIdx.x, digits);
  int found = 0;
  for (int i = 0; i < DIGITS; i++) {
    found += digits[i] == (int)threadIdx.x;
  }
  countsOf(p, document, threadIdx.x)[part.first / DIGITS] = found;
}

// A document's counts become first places: of smaller digits, then of the same digit in chunks
// before.
KERNEL lshPlaces(LshSortParameters p) {
  SHARED int sums[DIGITS];
  const LshDocument document = p.documents[blockIdx.x];
  int* own = countsOf(p, document, threadIdx.x);
  int sum = 0;
  for (int chunk = 0; chunk < document.chunks; chunk++) {
    sum += own[chunk];
  }
  sums[threadIdx.x] = sum;
  BARRIER();
  int place = 0;
  for (int digit = 0; digit < (int)threadIdx.x; digit++) {
    place += sums[digit];
  }
  for (int chunk = 0; chunk < document.chunks; chunk++) {
    const int count = own[chunk];
    own[chunk] = place;
    place += count;
  }
}

KERNEL lshScatter(LshSortParameters p) {
  SHARED int digits[DIGITS];
  const LshPart part = p.parts[blockIdx.x];
  const LshDocument document = p.documents[part.document];
  const int at = part.first + threadIdx.x;
  loadDigits(p, document, at, digits);
  if (at < document.tokens) {
    const int digit = digits[threadIdx.x];
    const long long first = firstOf(p, document);
    long long place = first + countsOf(p, document, digit)[part.first / DIGITS];
    for (int i = 0; i < (int)threadIdx.x; i++) {
      place += digits[i] == digit;
    }
    p.sortedKeys[place] = p.keys[first + at];
    p.sortedTokens[place] = p.tokens ? p.tokens[first + at] : document.firstRow + at;
  }
}

struct LonelyParameters {
  Values value, context;   // from the first document's first row on
  const float* logSumExp;  // [rows, heads]
  const int* valid;        // [rows], null for all
  int valueStride, contextStride, heads, headDim;
};

// A token that met no other key in any round sees its own.
KERNEL lshLonely(LonelyParameters p) {
  const int row = blockIdx.x, head = blockIdx.y;
  const bool lonely = p.logSumExp[(long long)row * p.heads + head] == -INFINITY;
  if (lonely && (!p.valid || p.valid[row])) {
    for (int d = threadIdx.x; d < p.headDim; d += blockDim.x) {
      const int column = head * p.headDim + d;
      store(p.context, (long long)row * p.contextStride + column,
            load(p.value, (long long)row * p.valueStride + column));
    }
  }
}
