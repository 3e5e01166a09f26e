// A GPU of one fibre per thread for compilers other than nvcc: blocks run one after another, the
// threads of a block as fibres that change at barriers. A block whose number is odd runs its
// threads backwards, so that a result which needs an order between barriers comes out wrong.
#pragma once

#include <cmath>
#include <cstdint>

struct Index {
  unsigned x, y;
};

extern Index threadIdx, blockIdx, blockDim;

#define KERNEL void
#define DEVICE static inline
#define SHARED static

// Waits for all threads of the block; ends the process with a message if one has left the kernel.
void hostBarrier();
#define BARRIER() hostBarrier()

// The tensor core: every thread of the block must call it, as everywhere in these sources.
void mma(float* d, const unsigned* a, const unsigned* b);
