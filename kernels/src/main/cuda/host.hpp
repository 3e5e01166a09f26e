// A GPU of one fibre per thread for compilers other than nvcc: blocks run one after another, the
// threads of a block as fibres that change at barriers. A block whose number is odd runs its
// threads backwards, so that a result which needs an order between barriers comes out wrong.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

struct Index {
  unsigned x, y;
};

extern Index threadIdx, blockIdx, blockDim, gridDim;

// Memory that the launch asked for, of exactly its size.
extern unsigned char* hostShared;
extern size_t hostSharedBytes;

// Whether an address lies on the stack of some thread.
bool isHostStack(uintptr_t address);

#define KERNEL void
#define BOUNDED_KERNEL(threads, blocks) void
#define DEVICE static inline
#define MEMBER
#define SHARED static
#define DYNAMIC_SHARED(name) unsigned char* const name = hostShared

// Waits for all threads of the block; ends the process with a message if one has left the kernel.
void hostBarrier();
#define BARRIER() hostBarrier()

// Waits for the 32 lanes of the warp. The last to come does the work of all on what each handed in.
void hostWarp(void* mine, void (*work)(void* const* lanes));

// Copies to shared memory that are there only after a wait, and hold NaN until then.
void hostCopyAsync(void* to, const void* from, int bytes, int filled);
void hostCommit();
void hostWait(int groupsLeft);

// What the race check is told of accesses that the compiler does not see; nothing without it.
void hostReads(const void* from, size_t bytes);
void hostWrites(void* to, size_t bytes);

// Ends the process: the message is what the caller of the kernel sees.
[[noreturn]] void hostFail(const std::string& message);

// Starts a block, ends an epoch: between two of them, threads must not touch what others write.
void raceLaunch(const std::string& kernel);
void raceBlock();
void raceEpoch();

struct Launch {
  unsigned blocksX, blocksY, threads, sharedBytes;
};

using Kernel = std::function<void(const Launch&, const std::vector<char>&)>;

// Runs the body once for every thread of every block.
void hostRun(const Launch& launch, const std::function<void()>& body);

extern const std::map<std::string, Kernel> KERNELS;
