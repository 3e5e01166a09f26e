// The queries of linear attention: 64 of them against the sums of all keys, or of the keys before.
#include "favor.cuh"

namespace {
// Sums of 64 features into a tile.
template <int DIM, class T>
DEVICE void loadSums(const FavorParameters& p, float* to, const T* from, int firstFeature) {
  const int columns = p.headDim + 1;
  for (int i = threadIdx.x; i < TILE * FavorTiles<DIM>::ROW; i += PRODUCT_THREADS) {
    int row = i / FavorTiles<DIM>::ROW, d = i % FavorTiles<DIM>::ROW;
    bool there = firstFeature + row < p.features && d < columns;
    // The ones stand in the last column of the tile, wherever headDim ends.
    int at = d == p.headDim ? DIM : d;
    if (d <= p.headDim) {
      to[row * FavorTiles<DIM>::ROW + at] =
          there ? (float)from[(firstFeature + row) * columns + d] : 0;
    }
    if (d > p.headDim) {
      to[row * FavorTiles<DIM>::ROW + d - 1] = 0;
    }
  }
}

// denominator[row] += features[row] . ones
template <int DIM>
DEVICE void addDenominators(const FavorTiles<DIM>& t) {
  if (threadIdx.x < TILE) {
    float sum = 0;
    for (int f = 0; f < TILE; f++) {
      sum += t.features[threadIdx.x * TILE_ROW + f] * t.other[f * FavorTiles<DIM>::ROW + DIM];
    }
    t.denominator[threadIdx.x] += sum;
  }
}

template <int DIM>
DEVICE void storeContext(const FavorParameters& p, const FavorTiles<DIM>& t, int first, int count,
                         int column, float (&sum)[4][DIM / 16]) {
  BARRIER();
  for (int i = 0; i < 4; i++) {
    for (int j = 0; j < DIM / 16; j++) {
      int row = threadIdx.x / 16 + 16 * i, d = threadIdx.x % 16 + 16 * j;
      if (row < count && d < p.headDim) {
        store(p.context, (long long)(first + row) * p.contextStride + column + d,
              sum[i][j] / t.denominator[row]);
      }
    }
  }
}

// 64 queries against the sums of all keys.
template <int DIM>
DEVICE void queryAll(const FavorParameters& p, unsigned char* memory) {
  FavorTiles<DIM> t(memory);
  const FavorPart part = p.parts[blockIdx.x];
  const int first = part.first, head = blockIdx.y, dim = p.headDim, column = head * dim;
  const int count = part.last - first, row = FavorTiles<DIM>::ROW;
  const double* total = p.total + sumsOf(p, part.document, head);
  loadRows<DIM>(t.rows, p.query, p.queryStride, column, first, count, dim);
  if (threadIdx.x < TILE) {
    t.denominator[threadIdx.x] = 0;
  }
  BARRIER();
  halves<DIM>(p, t);
  rowMaxima<DIM>(p, t);
  float sum[4][DIM / 16];
  clear(sum);
  for (int feature = 0; feature < p.features; feature += TILE) {
    BARRIER();
    loadProjection<DIM>(p, t.other, feature);
    BARRIER();
    float projected[4][4];
    project<DIM>(t, projected);
    activateTo<DIM>(p, t, t.features, t.maximum, 1, projected, feature, count);
    BARRIER();
    loadSums<DIM>(p, t.other, total, feature);
    BARRIER();
    multiply(Operand{t.features, TILE_ROW, 1}, Operand{t.other, 1, row}, TILE, sum);
    addDenominators<DIM>(t);
  }
  storeContext<DIM>(p, t, first, count, column, sum);
}

// The keys of 64 tokens join the sums before them; features hold f(k) in more, values in rows.
template <int DIM>
DEVICE void addKeys(const FavorParameters& p, const FavorTiles<DIM>& t, float* sums,
                    int firstFeature, int count) {
  float own[4][DIM / 16];
  clear(own);
  multiply(Operand{t.more, 1, TILE_ROW}, Operand{t.rows, 1, FavorTiles<DIM>::ROW}, count, own);
  const int columns = p.headDim + 1;
  for (int i = 0; i < 4; i++) {
    for (int j = 0; j < DIM / 16; j++) {
      int feature = firstFeature + threadIdx.x / 16 + 16 * i, d = threadIdx.x % 16 + 16 * j;
      if (feature < p.features && d < p.headDim) {
        sums[feature * columns + d] += own[i][j];
      }
    }
  }
  if (threadIdx.x < TILE && firstFeature + (int)threadIdx.x < p.features) {
    float ones = 0;
    for (int i = 0; i < count; i++) {
      ones += t.more[i * TILE_ROW + threadIdx.x];
    }
    sums[(firstFeature + threadIdx.x) * columns + p.headDim] += ones;
  }
}

// A segment from its first token to its last: 64 queries see the sums of the keys before them and,
// one by one, those of their own 64.
template <int DIM>
DEVICE void queryBefore(const FavorParameters& p, unsigned char* memory) {
  FavorTiles<DIM> t(memory);
  const FavorPart segment = p.parts[blockIdx.x];
  const int head = blockIdx.y, dim = p.headDim, column = head * dim, row = FavorTiles<DIM>::ROW;
  float* sums = p.sums + sumsOf(p, blockIdx.x, head);
  for (int first = segment.first; first < segment.last; first += TILE) {
    const int count = countOf(segment.last, first);
    BARRIER();
    loadRows<DIM>(t.rows, p.query, p.queryStride, column, first, count, dim);
    if (threadIdx.x < TILE) {
      t.denominator[threadIdx.x] = 0;
    }
    rowMaxima<DIM>(p, t);
    float sum[4][DIM / 16], weight[4][4], projected[4][4];
    clear(sum);
    clear(weight);
    for (int feature = 0; feature < p.features; feature += TILE) {
      BARRIER();
      loadProjection<DIM>(p, t.other, feature);
      loadRows<DIM>(t.rows, p.query, p.queryStride, column, first, count, dim);
      BARRIER();
      halves<DIM>(p, t);
      project<DIM>(t, projected);
      BARRIER();
      activateTo<DIM>(p, t, t.features, t.maximum, 1, projected, feature, count);
      loadRows<DIM>(t.rows, p.key, p.keyStride, column, first, count, dim);
      BARRIER();
      halves<DIM>(p, t);
      project<DIM>(t, projected);
      BARRIER();
      activateTo<DIM>(p, t, t.more, stabiliserOf(p, segment, head), 0, projected, feature, count);
      loadSums<DIM>(p, t.other, sums, feature);
      loadRows<DIM>(t.rows, p.value, p.valueStride, column, first, count, dim);
      BARRIER();
      multiply(Operand{t.features, TILE_ROW, 1}, Operand{t.other, 1, row}, TILE, sum);
      multiply(Operand{t.features, TILE_ROW, 1}, Operand{t.more, TILE_ROW, 1}, TILE, weight);
      addDenominators<DIM>(t);
      addKeys<DIM>(p, t, sums, feature, count);
    }
    BARRIER();
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        int query = threadIdx.x / 16 + 16 * i, key = threadIdx.x % 16 + 16 * j;
        t.features[query * TILE_ROW + key] = key <= query ? weight[i][j] : 0;
      }
    }
    BARRIER();
    multiply(Operand{t.features, TILE_ROW, 1}, Operand{t.rows, 1, row}, count, sum);
    if (threadIdx.x < TILE) {
      float own = 0;
      for (int key = 0; key < count; key++) {
        own += t.features[threadIdx.x * TILE_ROW + key];
      }
      t.denominator[threadIdx.x] += own;
    }
    storeContext<DIM>(p, t, first, count, column, sum);
  }
}
}  // namespace

KERNEL favorQueries64(FavorParameters p) {
  DYNAMIC_SHARED(memory);
  queryAll<64>(p, memory);
}

KERNEL favorQueries128(FavorParameters p) {
  DYNAMIC_SHARED(memory);
  queryAll<128>(p, memory);
}

KERNEL favorCausal64(FavorParameters p) {
  DYNAMIC_SHARED(memory);
  queryBefore<64>(p, memory);
}

KERNEL favorCausal128(FavorParameters p) {
  DYNAMIC_SHARED(memory);
  queryBefore<128>(p, memory);
}
