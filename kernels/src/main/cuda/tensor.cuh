// Tensor cores, asynchronous copies and shuffles: PTX for a GPU, the same in plain C++ for the host.
#pragma once

#include "device.cuh"

#ifndef __CUDACC__
struct HostMma {
  float* d;
  const unsigned* a;
  const unsigned* b;
};

// Fragments as the PTX manual lays them out: a[row, k] is in lane row % 8 * 4 + k % 8 / 2.
static void hostMma(void* const* lanes) {
  HostMma warp[32];
  for (int lane = 0; lane < 32; lane++) {
    warp[lane] = *(HostMma*)lanes[lane];
  }
  float a[16][16], b[4][8][16];
  for (int lane = 0; lane < 32; lane++) {
    for (int i = 0; i < 8; i++) {
      a[lane / 4 + i / 2 % 2 * 8][lane % 4 * 2 + i % 2 + i / 4 * 8] =
          halfOf(warp[lane].a[i / 2], i % 2);
    }
    for (int i = 0; i < 16; i++) {
      b[i / 4][lane / 4][lane % 4 * 2 + i % 2 + i / 2 % 2 * 8] = halfOf(warp[lane].b[i / 2], i % 2);
    }
  }
  for (int lane = 0; lane < 32; lane++) {
    for (int i = 0; i < 16; i++) {
      int row = lane / 4 + i / 2 % 2 * 8, column = lane % 4 * 2 + i % 2;
      float sum = 0;
      for (int k = 0; k < 16; k++) {
        sum += a[row][k] * b[i / 4][column][k];
      }
      warp[lane].d[i] += sum;
    }
  }
}
#endif

// d[16, 4 x 8] += a[16, 16] * b[16, 4 x 8], in the fragments of the PTX manual (mma.m16n8k16): four
// products that share their left side.
DEVICE void mma(float (&d)[4][4], const unsigned (&a)[4], const unsigned (&b)[4][2]) {
#ifdef __CUDACC__
#pragma unroll
  for (int n = 0; n < 4; n++) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
        "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(d[n][0]), "+f"(d[n][1]), "+f"(d[n][2]), "+f"(d[n][3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[n][0]), "r"(b[n][1]));
  }
#else
  HostMma mine = {d[0], a, b[0]};
  hostWarp(&mine, hostMma);
#endif
}

#ifndef __CUDACC__
struct HostSums {
  float* x;
  int count, lanes;
  bool largest;
};

static void hostReduce(void* const* lanes) {
  for (int first = 0; first < 32; first += ((HostSums*)lanes[0])->lanes) {
    const HostSums own = *(HostSums*)lanes[first];
    for (int i = 0; i < own.count; i++) {
      float all = own.x[i];
      for (int lane = first + 1; lane < first + own.lanes; lane++) {
        float x = ((HostSums*)lanes[lane])->x[i];
        all = own.largest ? fmaxf(all, x) : all + x;
      }
      for (int lane = first; lane < first + own.lanes; lane++) {
        ((HostSums*)lanes[lane])->x[i] = all;
      }
    }
  }
}
#endif

// Over each LANES neighbouring lanes, for every element; all of them get the result.
template <int LANES, bool LARGEST, int N>
DEVICE void reduce(float (&x)[N]) {
#ifdef __CUDACC__
#pragma unroll
  for (int distance = 1; distance < LANES; distance *= 2) {
#pragma unroll
    for (int i = 0; i < N; i++) {
      float other = __shfl_xor_sync(0xffffffffu, x[i], distance);
      x[i] = LARGEST ? fmaxf(x[i], other) : x[i] + other;
    }
  }
#else
  HostSums mine = {x, N, LANES, LARGEST};
  hostWarp(&mine, hostReduce);
#endif
}

template <int N>
DEVICE void warpSums(float (&x)[N]) {
  reduce<32, false>(x);
}

DEVICE float powerOfTwo(float x) {
#ifdef __CUDACC__
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
#else
  return exp2f(x);
#endif
}

// Four 8 x 8 matrices of bf16 in fragments: register i holds matrix i. address(lane) is row lane % 8
// of matrix lane / 8, 16 bytes in shared memory.
template <class Address>
DEVICE void loadMatrices(unsigned (&r)[4], Address address) {
#ifdef __CUDACC__
  unsigned at = (unsigned)__cvta_generic_to_shared(address(threadIdx.x % 32));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(at)
               : "memory");
#else
  const int lane = threadIdx.x % 32;
  for (int i = 0; i < 4; i++) {
    const Bf16* row = (const Bf16*)address(8 * i + lane / 4) + lane % 4 * 2;
    r[i] = row[0] | (unsigned)row[1] << 16;
  }
#endif
}

// The same with each matrix transposed.
template <class Address>
DEVICE void loadTransposed(unsigned (&r)[4], Address address) {
#ifdef __CUDACC__
  unsigned at = (unsigned)__cvta_generic_to_shared(address(threadIdx.x % 32));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(at)
               : "memory");
#else
  const int lane = threadIdx.x % 32;
  for (int i = 0; i < 4; i++) {
    const int row = 8 * i + lane % 4 * 2, column = lane / 4;
    r[i] = ((const Bf16*)address(row))[column] |
           (unsigned)((const Bf16*)address(row + 1))[column] << 16;
  }
#endif
}

// Starts a copy of BYTES from global to shared memory; zeros instead if it is not there.
template <int BYTES>
DEVICE void copyAsync(void* to, const void* from, bool there) {
#ifdef __CUDACC__
  unsigned at = (unsigned)__cvta_generic_to_shared(to);
  int filled = there ? BYTES : 0;
  if (BYTES == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(at), "l"(from), "r"(filled)
                 : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(at), "l"(from), "r"(filled)
                 : "memory");
  }
#else
  hostCopyAsync(to, from, BYTES, there ? BYTES : 0);
#endif
}

// The copies started since the last call become a group.
DEVICE void commitCopies() {
#ifdef __CUDACC__
  asm volatile("cp.async.commit_group;" ::: "memory");
#else
  hostCommit();
#endif
}

// Waits for this thread's copies but those of the last groups; others' need a barrier behind it.
template <int GROUPS_LEFT>
DEVICE void waitForCopies() {
#ifdef __CUDACC__
  asm volatile("cp.async.wait_group %0;" ::"n"(GROUPS_LEFT) : "memory");
#else
  hostWait(GROUPS_LEFT);
#endif
}

// Rows of COLUMNS bf16 values in shared memory. The 16-byte chunks of a row are permuted by the
// row's number, so that eight rows of one chunk, as a matrix load reads them, lie in eight banks.
template <int COLUMNS>
struct SwizzledRows {
  static const int CHUNKS = COLUMNS / 8;
  Bf16* first;

  MEMBER Bf16* chunk(int row, int chunk) const {
    const int by = CHUNKS >= 8 ? row % 8 : row / (8 / CHUNKS) % CHUNKS;
    return first + row * COLUMNS + (chunk ^ by) * 8;
  }

  // 16 rows by 16 columns, the left side of a product.
  MEMBER void loadLeft(unsigned (&a)[4], int row, int column) const {
    loadMatrices(a, [&](int lane) {
      return chunk(row + lane / 8 % 2 * 8 + lane % 8, column / 8 + lane / 16);
    });
  }

  // 32 rows by 16 columns, which are the 32 columns of a right side.
  MEMBER void loadRight(unsigned (&b)[4][2], int row, int column) const {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      unsigned r[4];
      loadMatrices(r, [&](int lane) {
        return chunk(row + 16 * half + lane / 16 * 8 + lane % 8, column / 8 + lane / 8 % 2);
      });
      b[2 * half][0] = r[0];
      b[2 * half][1] = r[1];
      b[2 * half + 1][0] = r[2];
      b[2 * half + 1][1] = r[3];
    }
  }

  // 16 rows by 32 columns: a right side as it stands.
  MEMBER void loadRightTransposed(unsigned (&b)[4][2], int row, int column) const {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      unsigned r[4];
      loadTransposed(r, [&](int lane) {
        return chunk(row + lane / 8 % 2 * 8 + lane % 8, column / 8 + 2 * half + lane / 16);
      });
      b[2 * half][0] = r[0];
      b[2 * half][1] = r[1];
      b[2 * half + 1][0] = r[2];
      b[2 * half + 1][1] = r[3];
    }
  }
};
