// Linear layers on the tensor cores in bf16 with float32 sums: tiles of 32 inputs go through four
// stages of shared memory, three of them under way while one is worked on.
#include "linearTiles.cuh"

namespace {
const int OUTPUT_TILE = SUM_COLUMNS, INPUT_TILE = 32, PIPELINE = 4, LINEAR_THREADS = 128;

// 128 outputs and 64 BANDS rows by a block, 64 outputs and 32 BANDS rows by each of its four warps.
template <int BANDS>
struct LinearTiles {
  static const int ROW_TILE = 64 * BANDS;
  unsigned char* memory;

  MEMBER SwizzledRows<INPUT_TILE> in(int stage) const {
    return {(Bf16*)memory + stage * (ROW_TILE + OUTPUT_TILE) * INPUT_TILE};
  }
  MEMBER SwizzledRows<INPUT_TILE> weight(int stage) const {
    return {in(stage).first + ROW_TILE * INPUT_TILE};
  }
};

template <int BANDS>
DEVICE void startTile(const LinearParameters& p, const LinearTiles<BANDS>& t, int tile) {
  const int input = tile * INPUT_TILE, stage = tile % PIPELINE;
  if (input < p.stride) {
    copyTile<64 * BANDS, INPUT_TILE, LINEAR_THREADS>(
        t.in(stage), p.in, blockIdx.y * 64 * BANDS, p.rows, input, p.stride);
    copyTile<OUTPUT_TILE, INPUT_TILE, LINEAR_THREADS>(
        t.weight(stage), p.weight, blockIdx.x * OUTPUT_TILE, p.outputs, input, p.stride);
  }
  commitCopies();  // an empty group keeps the count
}

template <int BANDS>
DEVICE void multiplyTiles(const LinearParameters& p, unsigned char* memory) {
  const LinearTiles<BANDS> t = {memory};
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int firstRow = warp / 2 * 32 * BANDS, firstOutput = warp % 2 * 64;
  float sum[2 * BANDS][2][4][4] = {};
  for (int tile = 0; tile < PIPELINE - 1; tile++) {
    startTile<BANDS>(p, t, tile);
  }
  for (int tile = 0; tile * INPUT_TILE < p.stride; tile++) {
    waitForCopies<PIPELINE - 2>();
    BARRIER();  // the tile is there for all, and nobody reads the one before any more
    startTile<BANDS>(p, t, tile + PIPELINE - 1);
    const int stage = tile % PIPELINE;
#pragma unroll
    for (int k = 0; k < INPUT_TILE; k += 16) {
      unsigned b[2][4][2];
      t.weight(stage).loadRight(b[0], firstOutput, k);
      t.weight(stage).loadRight(b[1], firstOutput + 32, k);
#pragma unroll
      for (int band = 0; band < 2 * BANDS; band++) {
        unsigned a[4];
        t.in(stage).loadLeft(a, firstRow + 16 * band, k);
        mma(sum[band][0], a, b[0]);
        mma(sum[band][1], a, b[1]);
      }
    }
  }
  waitForCopies<0>();
  BARRIER();  // the sums go where the tiles were, so that whole rows are written
  float* sums = (float*)memory;
#pragma unroll
  for (int band = 0; band < 2 * BANDS; band++) {
#pragma unroll
    for (int i = 0; i < 32; i++) {
      const int row = firstRow + 16 * band + lane / 4 + i / 2 % 2 * 8;
      const int output = firstOutput + i / 4 * 8 + lane % 4 * 2 + i % 2;
      sums[sumAt(row, output)] = sum[band][i / 16][i / 4 % 4][i % 4];
    }
  }
  BARRIER();
  finishSums<LinearTiles<BANDS>::ROW_TILE, LINEAR_THREADS>(p, sums);
}
}  // namespace

BOUNDED_KERNEL(128, 2) linearTensor128(LinearParameters p) {
  DYNAMIC_SHARED(memory);
  multiplyTiles<2>(p, memory);
}

// Half the rows, for inputs that would leave multiprocessors idle.
BOUNDED_KERNEL(128, 3) linearTensor64(LinearParameters p) {
  DYNAMIC_SHARED(memory);
  multiplyTiles<1>(p, memory);
}
