// The random features of linear attention: parameters, tiles in shared memory, and how projections
// become features.
#pragma once

#include "product.cuh"

// What a block works on: rows of a document, a segment of its keys or some of its queries.
struct FavorPart {
  int first, last, document;
};

// A document with segments in a launch.
struct FavorDocument {
  int document, firstPart, lastPart;
};

struct FavorParameters {
  Values query, key, value, context;
  const float* projection;  // [features, headDim], times headDim^(-1/4)
  float* maxima;            // [heads, parts]
  float* stabiliser;        // [documents, heads]: the largest projection of any key
  float* sums;              // [parts, heads, features, headDim + 1], ones last
  double* total;            // [documents, heads, features, headDim + 1]
  const FavorPart* parts;
  const FavorDocument* documents;
  int queryStride, keyStride, valueStride, contextStride;
  int partCount, heads, headDim, features, relu, causal;
  int resumed;  // documents had segments in launches before
  float halfScale, root;  // of squares and of features
  float floor;  // of the sums of ones
};

namespace {
const float SOFTMAX_FLOOR = 1e-4f, RELU_FLOOR = 1e-3f;

// What the threads of a block share: dynamic memory, cut into tiles.
template <int DIM>
struct FavorTiles {
  static const int ROW = DIM + 1;
  float* rows;        // [64][ROW]: of the document
  float* other;       // [64][ROW]: projection or sums
  float* features;    // [64][65]
  float* more;        // [64][65]
  float* half;        // [64]: half the squares of rows
  float* maximum;     // [64]: of the queries' projections
  float* denominator;  // [64]

  MEMBER FavorTiles(unsigned char* memory) {
    rows = (float*)memory;
    other = rows + TILE * ROW;
    features = other + TILE * ROW;
    more = features + TILE * TILE_ROW;
    half = more + TILE * TILE_ROW;
    maximum = half + TILE;
    denominator = maximum + TILE;
  }
};

// Tokens first .. first + count - 1 of a head; zeros behind them.
template <int DIM>
DEVICE void loadRows(float* to, const Values& from, int stride, int column, int first, int count,
                     int dim) {
  for (int i = threadIdx.x; i < TILE * DIM; i += PRODUCT_THREADS) {
    int row = i / DIM, d = i % DIM;
    bool there = row < count && d < dim;
    to[row * (DIM + 1) + d] =
        there ? load(from, (long long)(first + row) * stride + column + d) : 0;
  }
}

template <int DIM>
DEVICE void loadProjection(const FavorParameters& p, float* to, int firstFeature) {
  for (int i = threadIdx.x; i < TILE * DIM; i += PRODUCT_THREADS) {
    int row = i / DIM, d = i % DIM;
    bool there = firstFeature + row < p.features && d < p.headDim;
    to[row * (DIM + 1) + d] = there ? p.projection[(firstFeature + row) * p.headDim + d] : 0;
  }
}

template <int DIM>
DEVICE void halves(const FavorParameters& p, const FavorTiles<DIM>& t) {
  if (threadIdx.x < TILE) {
    float squares = 0;
    for (int d = 0; d < p.headDim; d++) {
      float x = t.rows[threadIdx.x * FavorTiles<DIM>::ROW + d];
      squares += x * x;
    }
    t.half[threadIdx.x] = squares * p.halfScale;
  }
}

// sum = rows . projection, 4 x 4 for each thread.
template <int DIM>
DEVICE void project(const FavorTiles<DIM>& t, float (&sum)[4][4]) {
  const int row = FavorTiles<DIM>::ROW;
  clear(sum);
  multiply(Operand{t.rows, row, 1}, Operand{t.other, row, 1}, DIM, sum);
}

// Features of projections, zero beyond the last token and feature.
template <int DIM>
DEVICE void activateTo(const FavorParameters& p, const FavorTiles<DIM>& t, float* to,
                       const float* maximum, int maximumStride, float (&sum)[4][4],
                       int firstFeature, int count) {
  for (int i = 0; i < 4; i++) {
    for (int j = 0; j < 4; j++) {
      int row = threadIdx.x / 16 + 16 * i, feature = threadIdx.x % 16 + 16 * j;
      float x = sum[i][j];
      if (p.relu) {
        x = (x > 0 ? x : x != x ? x : 0) + RELU_FLOOR;
      } else {
        x = (expf(x - t.half[row] - maximum[row * maximumStride]) + SOFTMAX_FLOOR) * p.root;
      }
      bool there = row < count && firstFeature + feature < p.features;
      to[row * TILE_ROW + feature] = there ? x : 0;
    }
  }
}

// The largest projection of each row over all features; rows hold the tokens.
template <int DIM>
DEVICE void rowMaxima(const FavorParameters& p, const FavorTiles<DIM>& t) {
  if (threadIdx.x < TILE) {
    t.maximum[threadIdx.x] = -INFINITY;
  }
  for (int first = 0; first < p.features; first += TILE) {
    BARRIER();
    loadProjection<DIM>(p, t.other, first);
    BARRIER();
    float sum[4][4];
    project<DIM>(t, sum);
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        t.features[(threadIdx.x / 16 + 16 * i) * TILE_ROW + threadIdx.x % 16 + 16 * j] = sum[i][j];
      }
    }
    BARRIER();
    if (threadIdx.x < TILE) {
      float most = t.maximum[threadIdx.x];
      for (int f = 0; f < TILE && first + f < p.features; f++) {
        float x = t.features[threadIdx.x * TILE_ROW + f];
        most = x > most ? x : most;
      }
      t.maximum[threadIdx.x] = most;
    }
  }
  BARRIER();
}

DEVICE int countOf(int last, int first) { return last - first < TILE ? last - first : TILE; }

// Of a part or a document.
DEVICE long long sumsOf(const FavorParameters& p, int number, int head) {
  return ((long long)number * p.heads + head) * p.features * (p.headDim + 1);
}

DEVICE const float* stabiliserOf(const FavorParameters& p, const FavorPart& part, int head) {
  return p.stabiliser + (long long)part.document * p.heads + head;
}
}  // namespace
