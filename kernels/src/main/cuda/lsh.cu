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

struct LshHashParameters {
  Values rows;              // from the document's first row and the first head's first column on
  const float* rotations;   // [rotationHeads, headDim, rounds, columns]
  const int* valid;         // [tokens], null for all
  const int* factors;       // of the number of buckets
  int* buckets;             // [heads, rounds, tokens]
  int stride, tokens, headDim, rounds, columns, rotationHeads, factorCount;
  int maskedBucket;  // of tokens that are not valid, -1 if they are hashed like any
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
  const int row = DIM + 1;
  float* tokens = (float*)memory;        // [64][row]
  float* rotations = tokens + TILE * row;  // [64][row], transposed
  float* rotated = rotations + TILE * row;  // [64][TILE_ROW]
  const int first = blockIdx.x * TILE, head = blockIdx.y / p.rounds, round = blockIdx.y % p.rounds;
  for (int i = threadIdx.x; i < TILE * DIM; i += PRODUCT_THREADS) {
    const int token = i / DIM, d = i % DIM;
    const bool there = first + token < p.tokens && d < p.headDim;
    const long long at = (long long)(first + token) * p.stride + head * p.headDim + d;
    tokens[token * row + d] = there ? load(p.rows, at) : 0;
  }
  const int matrix = p.rotationHeads == 1 ? 0 : head * p.headDim;
  Digits digits = {0, 0, 0, 0, 0, 1, 0, 0};
  for (int firstColumn = 0; firstColumn < p.columns; firstColumn += TILE) {
    BARRIER();
    for (int i = threadIdx.x; i < TILE * DIM; i += PRODUCT_THREADS) {
      const int column = i % TILE, d = i / TILE;
      const bool there = firstColumn + column < p.columns && d < p.headDim;
      const long long at =
          ((long long)(matrix + d) * p.rounds + round) * p.columns + firstColumn + column;
      rotations[column * row + d] = there ? p.rotations[at] : 0;
    }
    BARRIER();
    float sum[4][4];
    clear(sum);
    multiply(Operand{tokens, row, 1}, Operand{rotations, row, 1}, DIM, sum);
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        rotated[(threadIdx.x / 16 + 16 * i) * TILE_ROW + threadIdx.x % 16 + 16 * j] = sum[i][j];
      }
    }
    BARRIER();
    if (threadIdx.x < TILE) {
      for (int c = 0; c < TILE && firstColumn + c < p.columns; c++) {
        digits.next(rotated[threadIdx.x * TILE_ROW + c], p.factors);
      }
    }
  }
  const int token = first + threadIdx.x;
  if (threadIdx.x < TILE && token < p.tokens) {
    const bool masked = p.maskedBucket >= 0 && p.valid && !p.valid[token];
    p.buckets[(long long)blockIdx.y * p.tokens + token] = masked ? p.maskedBucket : digits.bucket;
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

// One pass of a stable radix sort over eight bits of the buckets. Rows are heads and rounds, sorted
// each by itself; blocks take 256 places of a row, a thread for each place and for each digit.
struct LshSortParameters {
  const int* keys;    // [rows, tokens]
  const int* tokens;  // the same, null for 0, 1, 2, ...
  int* sortedKeys;
  int* sortedTokens;
  int* counts;  // [rows, 256, chunks]
  int count, chunks, shift;
};

namespace {
const int DIGITS = 256;

DEVICE int digitAt(const LshSortParameters& p, int at) {
  return p.keys[(long long)blockIdx.y * p.count + at] >> p.shift & (DIGITS - 1);
}

DEVICE void loadDigits(const LshSortParameters& p, int* digits) {
  const int at = blockIdx.x * DIGITS + threadIdx.x;
  digits[threadIdx.x] = at < p.count ? digitAt(p, at) : -1;
  BARRIER();
}
}  // namespace

KERNEL lshCount(LshSortParameters p) {
  SHARED int digits[DIGITS];
  loadDigits(p, digits);
  int found = 0;
  for (int i = 0; i < DIGITS; i++) {
    found += digits[i] == (int)threadIdx.x;
  }
  p.counts[((long long)blockIdx.y * DIGITS + threadIdx.x) * p.chunks + blockIdx.x] = found;
}

// Counts become first places: of smaller digits, then of the same digit in chunks before.
KERNEL lshPlaces(LshSortParameters p) {
  SHARED int sums[DIGITS];
  int* own = p.counts + ((long long)blockIdx.x * DIGITS + threadIdx.x) * p.chunks;
  int sum = 0;
  for (int chunk = 0; chunk < p.chunks; chunk++) {
    sum += own[chunk];
  }
  sums[threadIdx.x] = sum;
  BARRIER();
  int place = 0;
  for (int digit = 0; digit < (int)threadIdx.x; digit++) {
    place += sums[digit];
  }
  for (int chunk = 0; chunk < p.chunks; chunk++) {
    const int count = own[chunk];
    own[chunk] = place;
    place += count;
  }
}

KERNEL lshScatter(LshSortParameters p) {
  SHARED int digits[DIGITS];
  loadDigits(p, digits);
  const int at = blockIdx.x * DIGITS + threadIdx.x, digit = digits[threadIdx.x];
  if (at < p.count) {
    const long long row = (long long)blockIdx.y * p.count;
    long long place = p.counts[((long long)blockIdx.y * DIGITS + digit) * p.chunks + blockIdx.x];
    for (int i = 0; i < (int)threadIdx.x; i++) {
      place += digits[i] == digit;
    }
    p.sortedKeys[row + place] = p.keys[row + at];
    p.sortedTokens[row + place] = p.tokens ? p.tokens[row + at] : at;
  }
}

struct LonelyParameters {
  Values value, context;   // from the document's first row on
  const float* logSumExp;  // [tokens, heads]
  const int* valid;        // [tokens], null for all
  int valueStride, contextStride, heads, headDim;
};

// A token that met no other key in any round sees its own.
KERNEL lshLonely(LonelyParameters p) {
  const int token = blockIdx.x, head = blockIdx.y;
  const bool lonely = p.logSumExp[(long long)token * p.heads + head] == -INFINITY;
  if (lonely && (!p.valid || p.valid[token])) {
    for (int d = threadIdx.x; d < p.headDim; d += blockDim.x) {
      const int column = head * p.headDim + d;
      store(p.context, (long long)token * p.contextStride + column,
            load(p.value, (long long)token * p.valueStride + column));
    }
  }
}
