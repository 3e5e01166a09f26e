// Kernels that are wrong on purpose, and one that is right: what the race check must tell apart.
#include "device.cuh"

struct RaceParameters {
  float* out;  // [2 * 64]
};

namespace {
const int RACE_THREADS = 64;
}

KERNEL correctNeighbour(RaceParameters p) {
  SHARED float values[RACE_THREADS];
  for (int round = 0; round < 2; round++) {
    values[threadIdx.x] = round;
    BARRIER();
    p.out[blockIdx.x * RACE_THREADS + threadIdx.x] = values[threadIdx.x ^ 1];
    BARRIER();
  }
}

KERNEL readsWithoutBarrier(RaceParameters p) {
  SHARED float values[RACE_THREADS];
  values[threadIdx.x] = threadIdx.x;
  p.out[blockIdx.x * RACE_THREADS + threadIdx.x] = values[threadIdx.x ^ 1];
}

KERNEL overwritesTooSoon(RaceParameters p) {
  SHARED float values[RACE_THREADS];
  for (int round = 0; round < 2; round++) {
    values[threadIdx.x] = round;
    BARRIER();
    p.out[blockIdx.x * RACE_THREADS + threadIdx.x] = values[threadIdx.x ^ 1];
  }
}

KERNEL writesWhatOtherBlocksWrite(RaceParameters p) {
  if (threadIdx.x == 0) {
    p.out[0] = blockIdx.x;
  }
}

KERNEL leavesBeforeTheBarrier(RaceParameters p) {
  if (threadIdx.x < 32) {
    BARRIER();
  }
  p.out[blockIdx.x * RACE_THREADS + threadIdx.x] = 1;
}

#define EXTRA_KERNELS                                                             \
  NAMED(correctNeighbour), NAMED(readsWithoutBarrier), NAMED(overwritesTooSoon), \
      NAMED(writesWhatOtherBlocksWrite), NAMED(leavesBeforeTheBarrier)
