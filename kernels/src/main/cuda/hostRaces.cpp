// Finds races. With -fsanitize=thread the compiler announces every access of the kernels; instead
// of its own run-time library, which knows threads, this one knows blocks and barriers. It keeps for
// every two bytes who wrote and who read them last, and fails where a thread touches what another
// one writes with no barrier between, or what another block of the launch writes at all.
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <unordered_map>

#include "host.hpp"

#ifdef CHECK_RACES
namespace {
const uintptr_t PAGE = 4096, GRANULE = 2;
const unsigned MANY = ~0u;

struct Access {
  unsigned block, epoch, thread, blocks;
};

struct Cell {
  Access write, read;
};

std::unordered_map<uintptr_t, std::unique_ptr<Cell[]>> pages;
std::string kernelName;
unsigned block, epoch, firstBlock;

// Shared arrays are the static variables of the program; blocks run one after another in them.
extern "C" char __data_start, _end;

bool isShared(uintptr_t address) {
  uintptr_t own = (uintptr_t)hostShared;
  return (address >= (uintptr_t)&__data_start && address < (uintptr_t)&_end) ||
         (address >= own && address < own + hostSharedBytes);
}

Cell& cell(uintptr_t address) {
  static uintptr_t lastPage = ~(uintptr_t)0;
  static Cell* last;
  if (address / PAGE != lastPage) {
    std::unique_ptr<Cell[]>& page = pages[address / PAGE];
    if (!page) {
      page.reset(new Cell[PAGE / GRANULE]());
    }
    lastPage = address / PAGE;
    last = page.get();
  }
  return last[address % PAGE / GRANULE];
}

std::string place(void* from) {
  char command[128], line[512] = "";
  snprintf(command, sizeof command, "addr2line -s -e /proc/%d/exe %p", (int)getpid(), from);
  if (FILE* pipe = popen(command, "r")) {
    if (!fgets(line, sizeof line, pipe)) {
      line[0] = 0;
    }
    pclose(pipe);
  }
  return std::string(line, strcspn(line, "\n"));
}

[[noreturn]] void race(const char* now, const char* before, const Access& other, bool shared,
                       void* from) {
  std::string who = other.block != block    ? "another block"
                    : other.thread == MANY  ? "other threads"
                                            : "thread " + std::to_string(other.thread);
  hostFail("a race in " + kernelName + ", block (" + std::to_string(blockIdx.x) + ", " +
           std::to_string(blockIdx.y) + "): thread " + std::to_string(threadIdx.x) + " " + now +
           (shared ? " shared" : " global") + " memory that " + who + " " + before +
           (other.block != block ? " in the same launch" : " since the last barrier") + ", at " +
           place(from));
}

// Whether an access before is not ordered before this thread's.
bool unordered(const Access& other, bool shared) {
  if (other.block == block) {
    return other.epoch == epoch && other.thread != threadIdx.x;
  }
  return !shared && other.block >= firstBlock;
}

void note(Access& access) {
  bool sameEpoch = access.block == block && access.epoch == epoch;
  bool sameLaunch = access.block >= firstBlock;
  unsigned thread = sameEpoch && access.thread != threadIdx.x ? MANY : threadIdx.x;
  unsigned blocks = sameLaunch && (access.block != block || access.blocks == MANY) ? MANY : 0;
  access = {block, epoch, thread, blocks};
}

void touched(uintptr_t address, size_t bytes, bool writes, void* from) {
  if (isHostStack(address) || block == 0) {
    return;
  }
  const bool shared = isShared(address);
  for (uintptr_t at = address / GRANULE * GRANULE; at < address + bytes; at += GRANULE) {
    Cell& known = cell(at);
    if (unordered(known.write, shared)) {
      race(writes ? "writes" : "reads", "wrote", known.write, shared, from);
    }
    if (writes) {
      bool otherBlocks = !shared && known.read.blocks == MANY && known.read.block >= firstBlock;
      if (unordered(known.read, shared) || otherBlocks) {
        race("writes", "read", known.read, shared, from);
      }
    }
    note(writes ? known.write : known.read);
  }
}
}  // namespace

void raceBlock() {
  block++;
  epoch++;
}

void raceLaunch(const std::string& kernel) {
  kernelName = kernel;
  raceBlock();  // for what the process does between the launches
  firstBlock = block + 1;
}

void raceEpoch() { epoch++; }

void hostReads(const void* from, size_t bytes) {
  touched((uintptr_t)from, bytes, false, __builtin_return_address(0));
}

void hostWrites(void* to, size_t bytes) {
  touched((uintptr_t)to, bytes, true, __builtin_return_address(0));
}

#define ACCESS(name, bytes, writes)                                    \
  extern "C" void __tsan_##name(void* address) {                       \
    touched((uintptr_t)address, bytes, writes, __builtin_return_address(0)); \
  }
ACCESS(read1, 1, false)
ACCESS(read2, 2, false)
ACCESS(read4, 4, false)
ACCESS(read8, 8, false)
ACCESS(read16, 16, false)
ACCESS(write1, 1, true)
ACCESS(write2, 2, true)
ACCESS(write4, 4, true)
ACCESS(write8, 8, true)
ACCESS(write16, 16, true)
ACCESS(unaligned_read2, 2, false)
ACCESS(unaligned_read4, 4, false)
ACCESS(unaligned_read8, 8, false)
ACCESS(unaligned_read16, 16, false)
ACCESS(unaligned_write2, 2, true)
ACCESS(unaligned_write4, 4, true)
ACCESS(unaligned_write8, 8, true)
ACCESS(unaligned_write16, 16, true)

extern "C" void __tsan_read_range(void* address, size_t bytes) {
  touched((uintptr_t)address, bytes, false, __builtin_return_address(0));
}
extern "C" void __tsan_write_range(void* address, size_t bytes) {
  touched((uintptr_t)address, bytes, true, __builtin_return_address(0));
}
extern "C" void __tsan_init() {}
extern "C" void __tsan_func_entry(void*) {}
extern "C" void __tsan_func_exit() {}
extern "C" void __tsan_vptr_update(void**, void*) {}
extern "C" void __tsan_vptr_read(void**) {}
#else
void raceLaunch(const std::string&) {}
void raceBlock() {}
void raceEpoch() {}
void hostReads(const void*, size_t) {}
void hostWrites(void*, size_t) {}
#endif
