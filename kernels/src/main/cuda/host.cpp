// Runs the kernels in a process of their own: reads commands from standard input, answers on
// standard output (HostDriver.java is the other end). Integers are little-endian, as the machine's.
#include "host.hpp"

#include <ucontext.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "attention.cu"
#include "linear.cu"
#include "rows.cu"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

Index threadIdx, blockIdx, blockDim;

namespace {
const size_t STACK_BYTES = 256 << 10;

struct Fibre {
  ucontext_t context;
  std::unique_ptr<char[]> stack{new char[STACK_BYTES]};
  bool finished;
};

std::vector<std::unique_ptr<Fibre>> fibres;
ucontext_t scheduler;
Fibre* current;
std::function<void()> body;

// AddressSanitizer must know which stack it is on.
void switchStart(void** fake, const void* bottom, size_t bytes) {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_start_switch_fiber(fake, bottom, bytes);
#endif
}

const void* schedulerBottom;
size_t schedulerBytes;

void switchEnd(void* fake, bool intoFibre) {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(fake, intoFibre ? &schedulerBottom : nullptr,
                                  intoFibre ? &schedulerBytes : nullptr);
#endif
}

void fibreMain() {
  switchEnd(nullptr, true);
  body();
  current->finished = true;
  switchStart(nullptr, schedulerBottom, schedulerBytes);
  swapcontext(&current->context, &scheduler);
}

void resume(unsigned thread) {
  current = fibres[thread].get();
  threadIdx = {thread, 0};
  void* fake = nullptr;
  switchStart(&fake, current->stack.get(), STACK_BYTES);
  swapcontext(&scheduler, &current->context);
  switchEnd(fake, false);
}

void prepare(unsigned threads) {
  while (fibres.size() < threads) {
    fibres.push_back(std::make_unique<Fibre>());
  }
  for (unsigned thread = 0; thread < threads; thread++) {
    Fibre& fibre = *fibres[thread];
    fibre.finished = false;
    getcontext(&fibre.context);
    fibre.context.uc_stack.ss_sp = fibre.stack.get();
    fibre.context.uc_stack.ss_size = STACK_BYTES;
    fibre.context.uc_link = nullptr;
    makecontext(&fibre.context, fibreMain, 0);
  }
}

[[noreturn]] void fail(const std::string& message) {
  fprintf(stderr, "cuda-host: %s\n", message.c_str());
  exit(3);
}

void runBlock(unsigned threads, bool backwards) {
  prepare(threads);
  for (;;) {
    unsigned finished = 0;
    for (unsigned i = 0; i < threads; i++) {
      unsigned thread = backwards ? threads - 1 - i : i;
      resume(thread);
      finished += fibres[thread]->finished;
    }
    if (finished == threads) {
      return;
    }
    if (finished != 0) {
      fail("some threads of a block left the kernel, others wait at a barrier");
    }
  }
}

struct Launch {
  unsigned blocksX, blocksY, threads;
};

void run(const Launch& launch) {
  blockDim = {launch.threads, 1};
  for (unsigned y = 0; y < launch.blocksY; y++) {
    for (unsigned x = 0; x < launch.blocksX; x++) {
      blockIdx = {x, y};
      runBlock(launch.threads, (x + y) % 2 == 1);
    }
  }
}

using Kernel = std::function<void(const Launch&, const std::vector<char>&)>;

template <class P>
Kernel kernel(void (*function)(P)) {
  return [function](const Launch& launch, const std::vector<char>& bytes) {
    P parameters;
    if (bytes.size() != sizeof parameters) {
      fail("parameters must have " + std::to_string(sizeof parameters) + " bytes, had " +
           std::to_string(bytes.size()));
    }
    memcpy(&parameters, bytes.data(), sizeof parameters);
    body = [function, parameters] { function(parameters); };
    run(launch);
  };
}

const std::map<std::string, Kernel> KERNELS = {
    {"attention32", kernel(attention32)},
    {"attention64", kernel(attention64)},
    {"attention128", kernel(attention128)},
    {"attentionGather", kernel(attentionGather)},
    {"mergePartials", kernel(mergePartials)},
    {"linearFloat", kernel(linearFloat)},
    {"linearBfloat", kernel(linearBfloat)},
    {"addNorm", kernel(addNorm)},
    {"addElements", kernel(addElements)},
    {"multiplyElements", kernel(multiplyElements)},
    {"fillElements", kernel(fillElements)},
    {"copyRows", kernel(copyRows)},
    {"rotate", kernel(rotate)},
};

bool readFully(void* to, size_t bytes) { return fread(to, 1, bytes, stdin) == bytes; }

int64_t readLong() {
  int64_t value;
  if (!readFully(&value, sizeof value)) {
    exit(0);
  }
  return value;
}

std::vector<char> readBytes() {
  std::vector<char> bytes(readLong());
  if (!bytes.empty() && !readFully(bytes.data(), bytes.size())) {
    exit(0);
  }
  return bytes;
}

void answer(int64_t value) {
  fwrite(&value, sizeof value, 1, stdout);
  fflush(stdout);
}

void launch() {
  std::vector<char> name = readBytes();
  auto found = KERNELS.find(std::string(name.begin(), name.end()));
  if (found == KERNELS.end()) {
    fail("no kernel of that name: " + std::string(name.begin(), name.end()));
  }
  Launch launch;
  launch.blocksX = readLong();
  launch.blocksY = readLong();
  launch.threads = readLong();
  found->second(launch, readBytes());
  answer(0);
}

// The bytes go through memcpy-like reads of the process itself, so that ASan checks their range.
void execute(char command) {
  if (command == 'A') {
    size_t bytes = readLong();
    answer((int64_t)(intptr_t)calloc(bytes, 1));
  } else if (command == 'F') {
    free((void*)(intptr_t)readLong());
  } else if (command == 'W') {
    char* to = (char*)(intptr_t)readLong();
    std::vector<char> bytes = readBytes();
    memcpy(to, bytes.data(), bytes.size());
  } else if (command == 'R') {
    const char* from = (const char*)(intptr_t)readLong();
    size_t bytes = readLong();
    fwrite(from, 1, bytes, stdout);
    fflush(stdout);
  } else if (command == 'L') {
    launch();
  } else {
    fail(std::string("no such command: ") + command);
  }
}
}  // namespace

void hostBarrier() {
  void* fake = nullptr;
  Fibre* own = current;
  switchStart(&fake, schedulerBottom, schedulerBytes);
  swapcontext(&own->context, &scheduler);
  switchEnd(fake, true);
}

namespace {
struct Fragments {
  unsigned a[4], b[2];
};
Fragments fragments[1024];

float half(unsigned word, int which) {
  union {
    unsigned bits;
    float value;
  } x = {which ? word & 0xffff0000u : word << 16};
  return x.value;
}
}  // namespace

// Fragments as the PTX manual lays them out: a[row, k] is in lane row % 8 * 4 + k % 8 / 2.
void mma(float* d, const unsigned* a, const unsigned* b) {
  memcpy(fragments[threadIdx.x].a, a, sizeof fragments->a);
  memcpy(fragments[threadIdx.x].b, b, sizeof fragments->b);
  hostBarrier();
  const Fragments* warp = fragments + threadIdx.x / 32 * 32;
  int lane = threadIdx.x % 32;
  for (int i = 0; i < 4; i++) {
    int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
    for (int k = 0; k < 16; k++) {
      unsigned left = warp[row % 8 * 4 + k % 8 / 2].a[row / 8 + k / 8 * 2];
      unsigned right = warp[column * 4 + k % 8 / 2].b[k / 8];
      d[i] += half(left, k % 2) * half(right, k % 2);
    }
  }
  hostBarrier();
}

int main() {
  for (int command; (command = getchar()) != EOF;) {
    execute((char)command);
  }
}
