// Linear layers on Hopper's tensor cores in bf16 with float32 sums: 128 rows by 128 outputs by a
// block, half of the rows by each of its two warpgroups; tiles of 64 inputs go through three stages
// of shared memory. Two blocks share a multiprocessor: one multiplies while the other writes.
#include "hopper.cuh"
#include "linearTiles.cuh"

namespace {
const int HOPPER_SIDE = SUM_COLUMNS, HOPPER_INPUTS = 64, HOPPER_STAGES = 3, HOPPER_THREADS = 256;

struct LinearHopperTiles {
  using Tile = Panels<HOPPER_SIDE, HOPPER_INPUTS>;
  unsigned char* memory;

  MEMBER Tile in(int stage) const { return {(Bf16*)memory + 2 * stage * Tile::PANEL}; }
  MEMBER Tile weight(int stage) const { return {in(stage).first + Tile::PANEL}; }
};

DEVICE void startHopper(const LinearParameters& p, const LinearHopperTiles& t, int tile) {
  const int input = tile * HOPPER_INPUTS, stage = tile % HOPPER_STAGES;
  if (input < p.stride) {
    copyTile<HOPPER_SIDE, HOPPER_INPUTS, HOPPER_THREADS>(
        t.in(stage), p.in, blockIdx.y * HOPPER_SIDE, p.rows, input, p.stride);
    copyTile<HOPPER_SIDE, HOPPER_INPUTS, HOPPER_THREADS>(
        t.weight(stage), p.weight, blockIdx.x * HOPPER_SIDE, p.outputs, input, p.stride);
  }
  commitCopies();  // an empty group keeps the count
}
}  // namespace

BOUNDED_KERNEL(256, 2) linearHopper(LinearParameters p) {
  DYNAMIC_SHARED(memory);
  const LinearHopperTiles t = {memory};
  const int firstRow = threadIdx.x / WARPGROUP * 64;
  float sum[HOPPER_SIDE / 2] = {};
  for (int tile = 0; tile < HOPPER_STAGES - 1; tile++) {
    startHopper(p, t, tile);
  }
  for (int tile = 0; tile * HOPPER_INPUTS < p.stride; tile++) {
    waitForCopies<HOPPER_STAGES - 2>();
    showToTensorCores();
    BARRIER();  // the tile is there for all, and nobody reads the one before any more
    const int stage = tile % HOPPER_STAGES;
    beginProducts();
#pragma unroll
    for (int k = 0; k < HOPPER_INPUTS; k += 16) {
      startProduct(sum, t.in(stage), firstRow, t.weight(stage), k, true);
    }
    commitProducts();
    startHopper(p, t, tile + HOPPER_STAGES - 1);  // while the products go on
    waitForProducts<0>();
  }
  waitForCopies<0>();
  BARRIER();  // the sums go where the tiles were, so that whole rows are written
  float* sums = (float*)memory;
  const int lane = threadIdx.x % 32, row = threadIdx.x / 32 * 16 + lane / 4;
#pragma unroll
  for (int i = 0; i < HOPPER_SIDE / 2; i++) {
    sums[sumAt(row + i / 2 % 2 * 8, i / 4 * 8 + lane % 4 * 2 + i % 2)] = sum[i];
  }
  BARRIER();
  finishSums<HOPPER_SIDE, HOPPER_THREADS>(p, sums);
}
