// The keys of linear attention by random features (FAVOR+, Choromanski et al. 2021) in float32. Sums
// over them are made by segments of documents, one block each, and added up in double precision:
// in float32 the millionth key would be lost in rounding.
#include "favor.cuh"

namespace {
// The largest projection of a segment's keys.
template <int DIM>
DEVICE void maximumOf(const FavorParameters& p, unsigned char* memory) {
  FavorTiles<DIM> t(memory);
  const FavorPart segment = p.parts[blockIdx.x];
  const int head = blockIdx.y;
  float most = -INFINITY;
  for (int first = segment.first; first < segment.last; first += TILE) {
    const int count = countOf(segment.last, first);
    BARRIER();
    loadRows<DIM>(t.rows, p.key, p.keyStride, head * p.headDim, first, count, p.headDim);
    rowMaxima<DIM>(p, t);
    if ((int)threadIdx.x < count) {
      most = t.maximum[threadIdx.x] > most ? t.maximum[threadIdx.x] : most;
    }
  }
  if (threadIdx.x < TILE) {
    t.half[threadIdx.x] = most;
  }
  BARRIER();
  if (threadIdx.x == 0) {
    for (int i = 0; i < TILE; i++) {
      most = t.half[i] > most ? t.half[i] : most;
    }
    p.maxima[(long long)head * p.partCount + blockIdx.x] = most;
  }
}

// The sums of one segment for 64 features: f(k) times value, and f(k) itself in the last column.
template <int DIM>
DEVICE void keySums(const FavorParameters& p, unsigned char* memory) {
  FavorTiles<DIM> t(memory);
  const int tiles = (p.features + TILE - 1) / TILE, number = blockIdx.x / tiles;
  const int firstFeature = blockIdx.x % tiles * TILE, head = blockIdx.y, dim = p.headDim;
  const int column = head * dim, row = FavorTiles<DIM>::ROW;
  const FavorPart segment = p.parts[number];
  float sum[4][DIM / 16], ones = 0;
  clear(sum);
  loadProjection<DIM>(p, t.other, firstFeature);
  for (int first = segment.first; first < segment.last; first += TILE) {
    const int count = countOf(segment.last, first);
    BARRIER();
    loadRows<DIM>(t.rows, p.key, p.keyStride, column, first, count, dim);
    BARRIER();
    halves<DIM>(p, t);
    float projected[4][4];
    project<DIM>(t, projected);
    BARRIER();
    activateTo<DIM>(p, t, t.features, stabiliserOf(p, segment, head), 0, projected, firstFeature,
                    count);
    loadRows<DIM>(t.rows, p.value, p.valueStride, column, first, count, dim);
    BARRIER();
    multiply(Operand{t.features, 1, TILE_ROW}, Operand{t.rows, 1, row}, count, sum);
    if (threadIdx.x < TILE) {
      for (int i = 0; i < count; i++) {
        ones += t.features[i * TILE_ROW + threadIdx.x];
      }
    }
  }
  float* to = p.sums + sumsOf(p, number, head);
  for (int i = 0; i < 4; i++) {
    for (int j = 0; j < DIM / 16; j++) {
      int feature = firstFeature + threadIdx.x / 16 + 16 * i, d = threadIdx.x % 16 + 16 * j;
      if (feature < p.features && d < dim) {
        to[feature * (dim + 1) + d] = sum[i][j];
      }
    }
  }
  if (threadIdx.x < TILE && firstFeature + (int)threadIdx.x < p.features) {
    to[(firstFeature + threadIdx.x) * (dim + 1) + dim] = ones;
  }
}
}  // namespace

KERNEL favorMaximum64(FavorParameters p) {
  DYNAMIC_SHARED(memory);
  maximumOf<64>(p, memory);
}

KERNEL favorMaximum128(FavorParameters p) {
  DYNAMIC_SHARED(memory);
  maximumOf<128>(p, memory);
}

KERNEL favorKeys64(FavorParameters p) {
  DYNAMIC_SHARED(memory);
  keySums<64>(p, memory);
}

KERNEL favorKeys128(FavorParameters p) {
  DYNAMIC_SHARED(memory);
  keySums<128>(p, memory);
}

// A thread for each document and head takes in the maxima of the segments.
KERNEL favorStabiliser(FavorParameters p) {
  const FavorDocument own = p.documents[blockIdx.y];
  const int head = blockIdx.x * blockDim.x + threadIdx.x;
  if (head < p.heads) {
    float* stabiliser = p.stabiliser + (long long)own.document * p.heads + head;
    float most = p.resumed ? *stabiliser : -INFINITY;
    for (int part = own.firstPart; part < own.lastPart; part++) {
      float x = p.maxima[(long long)head * p.partCount + part];
      most = x > most ? x : most;
    }
    *stabiliser = most;
  }
}

// A thread for each sum of a document adds the segments to the total; causal queries of a segment
// want the total before it, which replaces the segment's own.
KERNEL favorTotal(FavorParameters p) {
  const FavorDocument own = p.documents[blockIdx.y];
  const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  const long long count = sumsOf(p, 1, 0);
  if (at < count) {
    double* to = p.total + own.document * count + at;
    double total = p.resumed ? *to : at % (p.headDim + 1) == p.headDim ? p.floor : 0;
    for (int part = own.firstPart; part < own.lastPart; part++) {
      float* sum = p.sums + part * count + at;
      const float segment = *sum;
      if (p.causal) {
        *sum = (float)total;
      }
      total += segment;
    }
    *to = total;
  }
}
