// Runs the threads of a block as fibres, one at a time: they change at barriers and where a warp
// works together.
#include "host.hpp"

#include <sys/mman.h>
#include <ucontext.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

Index threadIdx, blockIdx, blockDim, gridDim;
unsigned char* hostShared;
size_t hostSharedBytes;

namespace {
const size_t STACK_BYTES = 256 << 10;
const unsigned WARP = 32, MOST_THREADS = 1024;

enum State { RUNNABLE, AT_BARRIER, IN_WARP, FINISHED };

struct Copy {
  void* to;
  const void* from;
  int bytes, filled;
};

struct Fibre {
  ucontext_t context;
  char* stack;
  State state;
  std::deque<std::vector<Copy>> copies;  // the last group is still open
};

struct Warp {
  void* lanes[WARP];
  unsigned arrived;
};

std::vector<std::unique_ptr<Fibre>> fibres;
std::vector<Warp> warps;
ucontext_t scheduler;
Fibre* current;
const std::function<void()>* body;

// AddressSanitizer must know which stack it is on.
void switchStart([[maybe_unused]] void** fake, [[maybe_unused]] const void* bottom,
                 [[maybe_unused]] size_t bytes) {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_start_switch_fiber(fake, bottom, bytes);
#endif
}

const void* schedulerBottom;
size_t schedulerBytes;

void switchEnd([[maybe_unused]] void* fake, [[maybe_unused]] bool intoFibre) {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(fake, intoFibre ? &schedulerBottom : nullptr,
                                  intoFibre ? &schedulerBytes : nullptr);
#endif
}

void fibreMain() {
  switchEnd(nullptr, true);
  (*body)();
  current->state = FINISHED;
  switchStart(nullptr, schedulerBottom, schedulerBytes);
  swapcontext(&current->context, &scheduler);
}

void resume(unsigned thread) {
  current = fibres[thread].get();
  threadIdx = {thread, 0};
  void* fake = nullptr;
  switchStart(&fake, current->stack, STACK_BYTES);
  swapcontext(&scheduler, &current->context);
  switchEnd(fake, false);
}

void yieldAs(State state) {
  void* fake = nullptr;
  Fibre* own = current;
  own->state = state;
  switchStart(&fake, schedulerBottom, schedulerBytes);
  swapcontext(&own->context, &scheduler);
  switchEnd(fake, true);
}

char* stacks() {
  static char* all = (char*)mmap(nullptr, MOST_THREADS * STACK_BYTES, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return all;
}

void prepare(unsigned threads) {
  if (threads > MOST_THREADS) {
    hostFail("a block must have at most 1024 threads, had " + std::to_string(threads));
  }
  while (fibres.size() < threads) {
    fibres.push_back(std::make_unique<Fibre>());
    fibres.back()->stack = stacks() + (fibres.size() - 1) * STACK_BYTES;
  }
  for (unsigned thread = 0; thread < threads; thread++) {
    Fibre& fibre = *fibres[thread];
    fibre.state = RUNNABLE;
    fibre.copies.assign(1, {});
    getcontext(&fibre.context);
    fibre.context.uc_stack.ss_sp = fibre.stack;
    fibre.context.uc_stack.ss_size = STACK_BYTES;
    fibre.context.uc_link = nullptr;
    makecontext(&fibre.context, fibreMain, 0);
  }
  warps.assign((threads + WARP - 1) / WARP, Warp());
}

unsigned count(unsigned threads, State state) {
  unsigned found = 0;
  for (unsigned thread = 0; thread < threads; thread++) {
    found += fibres[thread]->state == state;
  }
  return found;
}

void requireNoCopies(unsigned threads) {
  for (unsigned thread = 0; thread < threads; thread++) {
    for (const auto& group : fibres[thread]->copies) {
      if (!group.empty()) {
        hostFail("a thread left the kernel with a copy to shared memory under way");
      }
    }
  }
}

void runBlock(unsigned threads, bool backwards) {
  prepare(threads);
  while (count(threads, FINISHED) < threads) {
    unsigned resumed = 0;
    for (unsigned i = 0; i < threads; i++) {
      unsigned thread = backwards ? threads - 1 - i : i;
      if (fibres[thread]->state == RUNNABLE) {
        resume(thread);
        resumed++;
      }
    }
    if (resumed > 0) {
      continue;
    }
    if (count(threads, IN_WARP) > 0) {
      hostFail("some lanes of a warp left it or wait at a barrier, others wait for them");
    }
    if (count(threads, FINISHED) > 0) {
      hostFail("some threads of a block left the kernel, others wait at a barrier");
    }
    raceEpoch();
    for (unsigned thread = 0; thread < threads; thread++) {
      fibres[thread]->state = RUNNABLE;
    }
  }
  requireNoCopies(threads);
}
}  // namespace

void hostFail(const std::string& message) {
  fprintf(stderr, "cuda-host: %s\n", message.c_str());
  exit(3);
}

bool isHostStack(uintptr_t address) {
  const uintptr_t first = (uintptr_t)stacks();
  return address >= first && address < first + MOST_THREADS * STACK_BYTES;
}

void hostBarrier() { yieldAs(AT_BARRIER); }

void hostWarp(void* mine, void (*work)(void* const* lanes)) {
  const unsigned first = threadIdx.x / WARP * WARP;
  if (first + WARP > blockDim.x) {
    hostFail("a block must have whole warps for what a warp does together");
  }
  Warp& warp = warps[threadIdx.x / WARP];
  warp.lanes[threadIdx.x % WARP] = mine;
  if (++warp.arrived < WARP) {
    yieldAs(IN_WARP);
    return;
  }
  warp.arrived = 0;
  work(warp.lanes);
  for (unsigned lane = 0; lane < WARP; lane++) {
    fibres[first + lane]->state = RUNNABLE;
  }
}

void hostCopyAsync(void* to, const void* from, int bytes, int filled) {
  if ((uintptr_t)to % bytes != 0 || (filled > 0 && (uintptr_t)from % bytes != 0)) {
    hostFail("a copy of " + std::to_string(bytes) + " bytes must begin at a multiple of them");
  }
  hostWrites(to, bytes);
  memset(to, 0xff, bytes);
  current->copies.back().push_back({to, from, bytes, filled});
}

void hostCommit() { current->copies.emplace_back(); }

void hostWait(int groupsLeft) {
  while ((int)current->copies.size() > groupsLeft + 1) {
    for (const Copy& copy : current->copies.front()) {
      hostReads(copy.from, copy.filled);
      hostWrites(copy.to, copy.bytes);
      memset(copy.to, 0, copy.bytes);
      memcpy(copy.to, copy.from, copy.filled);
    }
    current->copies.pop_front();
  }
}

void hostRun(const Launch& launch, const std::function<void()>& kernelBody) {
  body = &kernelBody;
  blockDim = {launch.threads, 1};
  gridDim = {launch.blocksX, launch.blocksY};
  for (unsigned y = 0; y < launch.blocksY; y++) {
    for (unsigned x = 0; x < launch.blocksX; x++) {
      blockIdx = {x, y};
      // Of its own size and anew for every block: a sanitizer sees what lies outside or is stale.
      std::unique_ptr<unsigned char, void (*)(void*)> shared(
          (unsigned char*)aligned_alloc(1024, (launch.sharedBytes + 1023) / 1024 * 1024), free);
      memset(shared.get(), 0xff, launch.sharedBytes);
      hostShared = shared.get();
      hostSharedBytes = launch.sharedBytes;
      raceBlock();
      runBlock(launch.threads, (x + y) % 2 == 1);
    }
  }
}
