// Products of warpgroups (128 threads) on Hopper's tensor cores: PTX for a GPU of compute capability
// 9.0, the same in plain C++ for the host. Operands lie in shared memory as the hardware permutes
// them, in panels of up to 64 columns.
#pragma once

#include "tensor.cuh"

const int WARPGROUP = 128;

// [ROWS][COLUMNS] bf16 values, panel by panel: rows of 128 bytes (or 64, for 32 columns) whose chunks
// are swizzled. Begins at a multiple of 1024 bytes.
template <int ROWS, int COLUMNS>
struct Panels {
  static const int WIDTH = COLUMNS < 64 ? COLUMNS : 64;
  static const int PANEL = ROWS * WIDTH;
  Bf16* first;

  MEMBER SwizzledRows<WIDTH> panel(int column) const { return {first + column / WIDTH * PANEL}; }
  MEMBER Bf16* chunk(int row, int chunk) const {
    return panel(chunk * 8).chunk(row, chunk % (WIDTH / 8));
  }
};

#ifdef __CUDACC__
// Where an operand begins, for products along its rows: 8 rows, then the next 8. For products across
// rows (a right side as it stands) also from one panel to the next. PTX manual, "matrix descriptor".
template <int ROWS, int COLUMNS>
DEVICE unsigned long long descriptor(const Panels<ROWS, COLUMNS>& of, int row, int column) {
  const int width = Panels<ROWS, COLUMNS>::WIDTH;
  unsigned at = (unsigned)__cvta_generic_to_shared(of.panel(column).first + row * width) +
                column % width * 2;
  const unsigned long long swizzle = width == 64 ? 1 : 2, eightRows = 8 * width * 2 / 16;
  const unsigned long long panel = Panels<ROWS, COLUMNS>::PANEL * 2 / 16;
  return (at & 0x3ffff) >> 4 | panel << 16 | eightRows << 32 | swizzle << 62;
}
#endif

// Makes what this thread wrote to shared memory, or copied there, visible to products behind the next
// barrier.
DEVICE void showToTensorCores() {
#ifdef __CUDACC__
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
#endif
}

// Before the first product that reads or adds to registers which the threads have written.
DEVICE void beginProducts() {
#ifdef __CUDACC__
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#endif
}

// The products started since the last call become a group.
DEVICE void commitProducts() {
#ifdef __CUDACC__
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
#endif
}

// Waits for this warpgroup's products but those of the last groups.
template <int GROUPS_LEFT>
DEVICE void waitForProducts() {
#ifdef __CUDACC__
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(GROUPS_LEFT) : "memory");
#endif
}

#ifdef __CUDACC__
#define NAMES_16 "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15"
#define NAMES_32 NAMES_16 ",%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31"
#define NAMES_64                                                                          \
  NAMES_32 ",%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47,%48,%49,%50" \
           ",%51,%52,%53,%54,%55,%56,%57,%58,%59,%60,%61,%62,%63"
#define SUMS_8(i)                                                                             \
  "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3]), "+f"(d[i + 4]), "+f"(d[i + 5]), \
      "+f"(d[i + 6]), "+f"(d[i + 7])
#define SUMS_16 SUMS_8(0), SUMS_8(8)
#define SUMS_32 SUMS_16, SUMS_8(16), SUMS_8(24)
#define SUMS_64 SUMS_32, SUMS_8(32), SUMS_8(40), SUMS_8(48), SUMS_8(56)
// The sums are operands 0 on; "sides" names those behind them, "adds" the one that is 0 for "= ".
#define PRODUCT(columns, names, sums, sides, adds, ...)                               \
  asm volatile("{.reg .pred p; setp.ne.b32 p, " adds                                  \
               ", 0; wgmma.mma_async.sync.aligned.m64n" columns                       \
               "k16.f32.bf16.bf16 {" names "}, " sides ";}"                           \
               : sums                                                                 \
               : __VA_ARGS__)
#else
// A lane's left side in registers, and all of both its rows, which are spread over four lanes.
struct HostLeft {
  const unsigned* a;
  float rows[2][16];
};

static void hostLeft(void* const* lanes) {
  for (int lane = 0; lane < 32; lane++) {
    HostLeft* to = (HostLeft*)lanes[lane];
    for (int i = 0; i < 32; i++) {
      const HostLeft* from = (const HostLeft*)lanes[lane / 4 * 4 + i / 8];
      to->rows[i / 2 % 2][i / 8 * 2 + i % 2 + i / 4 % 2 * 8] = halfOf(from->a[i / 2 % 4], i % 2);
    }
  }
}

// d (+)= rows * right, for this lane's rows and columns of the result.
template <int N, class Right>
DEVICE void hostProduct(float (&d)[N], const float (&rows)[2][16], bool adds, Right right) {
  for (int i = 0; i < N; i++) {
    float sum = adds ? d[i] : 0;
    for (int k = 0; k < 16; k++) {
      sum += rows[i / 2 % 2][k] * right(k, i / 4 * 8 + threadIdx.x % 4 * 2 + i % 2);
    }
    d[i] = sum;
  }
}

template <class Rows>
DEVICE float hostValue(const Rows& of, int row, int column) {
  return fromBits((unsigned)of.chunk(row, column / 8)[column % 8] << 16);
}
#endif

// d (+)= left[64 rows from row on] * right[2 N rows]^T over 16 columns, started by a warpgroup. Sums
// lie as those of mma: element i in row lane / 4 + i / 2 % 2 * 8 of the warp's 16, and in column
// i / 4 * 8 + lane % 4 * 2 + i % 2.
template <int N, class Left, class Right>
DEVICE void startProduct(float (&d)[N], const Left& left, int row, const Right& right, int column,
                         bool adds) {
#ifdef __CUDACC__
  const unsigned long long a = descriptor(left, row, column), b = descriptor(right, 0, column);
  if constexpr (N == 32) {
    PRODUCT("64", NAMES_32, SUMS_32, "%32, %33, p, 1, 1, 0, 0", "%34", "l"(a), "l"(b),
            "r"((int)adds));
  } else {
    PRODUCT("128", NAMES_64, SUMS_64, "%64, %65, p, 1, 1, 0, 0", "%66", "l"(a), "l"(b),
            "r"((int)adds));
  }
#else
  const int first = row + threadIdx.x % WARPGROUP / 32 * 16 + threadIdx.x % 32 / 4;
  float rows[2][16];
  for (int i = 0; i < 32; i++) {
    rows[i / 16][i % 16] = hostValue(left, first + i / 16 * 8, column + i % 16);
  }
  hostProduct(d, rows, adds, [&](int k, int n) { return hostValue(right, n, column + k); });
#endif
}

// d += a * right[16 rows from row on, 2 N columns], with a in the fragments of mma.
template <int N, class Right>
DEVICE void startProduct(float (&d)[N], const unsigned (&a)[4], const Right& right, int row) {
#ifdef __CUDACC__
  const unsigned long long b = descriptor(right, row, 0);
  if constexpr (N == 16) {
    PRODUCT("32", NAMES_16, SUMS_16, "{%16,%17,%18,%19}, %20, p, 1, 1, 1", "%21", "r"(a[0]),
            "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(1));
  } else if constexpr (N == 32) {
    PRODUCT("64", NAMES_32, SUMS_32, "{%32,%33,%34,%35}, %36, p, 1, 1, 1", "%37", "r"(a[0]),
            "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(1));
  } else {
    PRODUCT("128", NAMES_64, SUMS_64, "{%64,%65,%66,%67}, %68, p, 1, 1, 1", "%69", "r"(a[0]),
            "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(1));
  }
#else
  HostLeft mine = {a, {}};
  hostWarp(&mine, hostLeft);
  hostProduct(d, mine.rows, true, [&](int k, int n) { return hostValue(right, row + k, n); });
#endif
}
