// libcuda.so.1 without a GPU: the driver API as far as Longreach uses it, with the kernels compiled
// for the host. A stream does nothing until somebody waits for it, and then no more than it must:
// what is not ordered by an event happens as late as it can, so that a missing one shows. Memory is
// full of NaN until it is written.
//
//   FAKE_CUDA_DEVICES     how many GPUs there are (1)
//   FAKE_CUDA_VERSION     of the driver (12060)
//   FAKE_CUDA_CAPABILITY  compute capability times ten (80)
//   FAKE_CUDA_BYTES       memory of a GPU (1 << 30)
//   FAKE_CUDA_INIT        what cuInit answers (0)
//   FAKE_CUDA_PTX         what loading a module answers (0)
//   FAKE_CUDA_EAGER       1: copies are done at once, as soon as they may be
//   FAKE_CUDA_MULTIPROCESSORS  of a GPU (108)
//   FAKE_CUDA_LOG         a file that gets a line when a GPU is opened and when it is let go, and for
//                         the first launch of each kernel
#include <cstdarg>
#include <deque>
#include <mutex>
#include <set>

#include "host.cpp"
#include "hostKernels.cpp"
#include "hostRaces.cpp"

namespace {
enum {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NO_DEVICE = 100,
  INVALID_CONTEXT = 201,
  UNSUPPORTED_PTX = 222,
  NOT_FOUND = 500,
  NOT_READY = 600
};

long setting(const char* name, long standard) {
  const char* text = getenv(name);
  return text ? atol(text) : standard;
}

std::recursive_mutex lock;
using Guard = std::lock_guard<std::recursive_mutex>;

struct Stream;

// A place in a stream: behind its first `position` operations.
struct Event {
  Stream* stream = nullptr;
  long position = 0;
};

struct Stream {
  std::deque<std::function<void()>> waiting;
  long done = 0;

  long end() const { return done + (long)waiting.size(); }

  void add(std::function<void()> operation);

  void runTo(long position) {
    while (done < position) {
      std::function<void()> next = std::move(waiting.front());
      waiting.pop_front();
      done++;
      next();
    }
  }
};

std::vector<Stream*> streams;
std::map<char*, size_t> memory;
size_t usedBytes;
long hostAllocations;
int contexts[16];

void note(const char* format, ...) {
  if (const char* file = getenv("FAKE_CUDA_LOG")) {
    FILE* log = fopen(file, "a");
    va_list arguments;
    va_start(arguments, format);
    vfprintf(log, format, arguments);
    va_end(arguments);
    fclose(log);
  }
}

void runEverything() {
  for (Stream* stream : streams) {
    stream->runTo(stream->end());
  }
}

thread_local void* currentContext;

// Copies may also be done at once: the other extreme.
void Stream::add(std::function<void()> operation) {
  waiting.push_back(std::move(operation));
  if (setting("FAKE_CUDA_EAGER", 0)) {
    runTo(end());
  }
}

bool owned(const char* address, size_t bytes) {
  auto block = memory.upper_bound((char*)address);
  return block != memory.begin() && (--block, address + bytes <= block->first + block->second);
}

void require(bool holds, const char* what) {
  if (!holds) {
    fprintf(stderr, "libcuda: %s\n", what);
    abort();
  }
}
}  // namespace

#define API extern "C" __attribute__((visibility("default"))) int
#define IN_CONTEXT               \
  Guard guard(lock);             \
  if (currentContext == nullptr) \
  return INVALID_CONTEXT

API cuInit(unsigned) {
  return setting("FAKE_CUDA_DEVICES", 1) == 0 ? NO_DEVICE : setting("FAKE_CUDA_INIT", SUCCESS);
}

API cuDriverGetVersion(int* version) {
  *version = setting("FAKE_CUDA_VERSION", 12060);
  return SUCCESS;
}

API cuDeviceGetCount(int* count) {
  *count = setting("FAKE_CUDA_DEVICES", 1);
  return SUCCESS;
}

API cuDeviceGet(int* device, int ordinal) {
  *device = ordinal;
  return SUCCESS;
}

API cuDeviceGetName(char* name, int length, int device) {
  snprintf(name, length, "Fake GPU %c", 'A' + device);
  return SUCCESS;
}

API cuDeviceGetUuid(char* uuid, int device) {
  memset(uuid, 16 + device, 16);
  return SUCCESS;
}

API cuDeviceTotalMem_v2(size_t* bytes, int) {
  *bytes = setting("FAKE_CUDA_BYTES", 1 << 30);
  return SUCCESS;
}

// The driver counts its GPUs against the order of the bus.
API cuDeviceGetAttribute(int* value, int attribute, int device) {
  const long capability = setting("FAKE_CUDA_CAPABILITY", 80);
  *value = attribute == 13   ? 1410000
           : attribute == 16 ? setting("FAKE_CUDA_MULTIPROCESSORS", 108)
           : attribute == 33 ? 16 - device
           : attribute == 75 ? capability / 10
           : attribute == 76 ? capability % 10
                             : 0;
  return SUCCESS;
}

API cuDevicePrimaryCtxRetain(void** context, int device) {
  Guard guard(lock);
  contexts[device]++;
  *context = &contexts[device];
  note("opened GPU %d\n", device);
  return SUCCESS;
}

API cuDevicePrimaryCtxRelease_v2(int device) {
  Guard guard(lock);
  contexts[device]--;
  note("released GPU %d: %d contexts, %zu bytes, %ld host buffers, %zu streams\n", device,
       contexts[device], usedBytes, hostAllocations, streams.size());
  return SUCCESS;
}

API cuCtxSetCurrent(void* context) {
  currentContext = context;
  return SUCCESS;
}

API cuMemGetInfo_v2(size_t* free, size_t* total) {
  IN_CONTEXT;
  *total = setting("FAKE_CUDA_BYTES", 1 << 30);
  *free = *total - usedBytes;
  return SUCCESS;
}

API cuMemAlloc_v2(char** address, size_t bytes) {
  IN_CONTEXT;
  if (bytes == 0 || usedBytes + bytes > (size_t)setting("FAKE_CUDA_BYTES", 1 << 30)) {
    return bytes == 0 ? INVALID_VALUE : OUT_OF_MEMORY;
  }
  *address = (char*)aligned_alloc(256, (bytes + 255) / 256 * 256);
  memset(*address, 0xff, bytes);
  memory[*address] = bytes;
  usedBytes += bytes;
  return SUCCESS;
}

API cuMemFree_v2(char* address) {
  IN_CONTEXT;
  runEverything();
  auto block = memory.find(address);
  if (block == memory.end()) {
    return INVALID_VALUE;
  }
  usedBytes -= block->second;
  memory.erase(block);
  free(address);
  return SUCCESS;
}

API cuMemAllocHost_v2(void** address, size_t bytes) {
  IN_CONTEXT;
  *address = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  hostAllocations++;
  return SUCCESS;
}

API cuMemFreeHost(void* address) {
  IN_CONTEXT;
  free(address);
  hostAllocations--;
  return SUCCESS;
}

API cuStreamCreate(Stream** stream, unsigned) {
  IN_CONTEXT;
  streams.push_back(*stream = new Stream);
  return SUCCESS;
}

API cuStreamDestroy_v2(Stream* stream) {
  IN_CONTEXT;
  stream->runTo(stream->end());
  for (auto known = streams.begin(); known != streams.end(); ++known) {
    if (*known == stream) {
      streams.erase(known);
      break;
    }
  }
  delete stream;
  return SUCCESS;
}

API cuStreamSynchronize(Stream* stream) {
  IN_CONTEXT;
  stream->runTo(stream->end());
  return SUCCESS;
}

API cuStreamWaitEvent(Stream* stream, Event* event, unsigned) {
  IN_CONTEXT;
  Event place = *event;
  if (place.stream) {
    stream->waiting.push_back([place] { place.stream->runTo(place.position); });
  }
  return SUCCESS;
}

API cuEventCreate(Event** event, unsigned) {
  IN_CONTEXT;
  *event = new Event;
  return SUCCESS;
}

API cuEventDestroy_v2(Event* event) {
  IN_CONTEXT;
  delete event;
  return SUCCESS;
}

API cuEventRecord(Event* event, Stream* stream) {
  IN_CONTEXT;
  *event = {stream, stream->end()};
  return SUCCESS;
}

API cuEventQuery(Event* event) {
  IN_CONTEXT;
  return event->stream == nullptr || event->stream->done >= event->position ? SUCCESS : NOT_READY;
}

API cuEventSynchronize(Event* event) {
  IN_CONTEXT;
  if (event->stream) {
    event->stream->runTo(event->position);
  }
  return SUCCESS;
}

API cuMemsetD8Async(char* address, unsigned char value, size_t bytes, Stream* stream) {
  IN_CONTEXT;
  stream->add([=] {
    require(owned(address, bytes), "memory is cleared that is not allocated");
    memset(address, value, bytes);
  });
  return SUCCESS;
}

API cuMemcpyHtoDAsync_v2(char* to, const void* from, size_t bytes, Stream* stream) {
  IN_CONTEXT;
  stream->add([=] {
    require(owned(to, bytes), "bytes are copied to memory that is not allocated");
    memcpy(to, from, bytes);
  });
  return SUCCESS;
}

API cuMemcpyDtoHAsync_v2(void* to, const char* from, size_t bytes, Stream* stream) {
  IN_CONTEXT;
  stream->add([=] {
    require(owned(from, bytes), "bytes are copied from memory that is not allocated");
    memcpy(to, from, bytes);
  });
  return SUCCESS;
}

namespace {
struct Function {
  const char* name;
  const Kernel* kernel;
  size_t parameterBytes;
  unsigned sharedBytes;
};

// Found in the PTX, as the driver does.
std::map<std::string, Function> functions;
std::set<std::string> launched;
}  // namespace

API cuModuleLoadData(void** module, const char* ptx) {
  IN_CONTEXT;
  *module = &functions;
  for (const char* at = ptx; (at = strstr(at, ".entry ")) != nullptr;) {
    const char* name = at + strlen(".entry ");
    at = strchr(name, '(');
    std::string text(name, at);
    auto kernel = KERNELS.find(text);
    require(kernel != KERNELS.end(), "the PTX has a kernel that the host has not");
    functions[text] = {kernel->first.c_str(), &kernel->second, (size_t)atol(strchr(at, '[') + 1), 48 << 10};
  }
  return setting("FAKE_CUDA_PTX", SUCCESS);
}

API cuModuleUnload(void*) { return SUCCESS; }

API cuModuleGetFunction(Function** function, void*, const char* name) {
  auto found = functions.find(name);
  *function = found == functions.end() ? nullptr : &found->second;
  return *function ? SUCCESS : NOT_FOUND;
}

// Of shared memory a block of an A100 has at most 163 KiB.
API cuFuncSetAttribute(Function* function, int attribute, int value) {
  if (attribute == 8 && value <= 163 << 10) {
    function->sharedBytes = value;
    return SUCCESS;
  }
  return INVALID_VALUE;
}

API cuLaunchKernel(const Function* function, unsigned x, unsigned y, unsigned z, unsigned threads,
                   unsigned, unsigned, unsigned sharedBytes, Stream* stream, void** parameters,
                   void**) {
  IN_CONTEXT;
  if (x == 0 || y == 0 || z != 1 || y > 65535 || threads == 0 || threads > 1024 ||
      sharedBytes > function->sharedBytes) {
    return INVALID_VALUE;
  }
  if (launched.insert(function->name).second) {
    note("launched %s\n", function->name);
  }
  Launch launch{x, y, threads, sharedBytes};
  const char* bytes = (const char*)parameters[0];
  std::vector<char> copy(bytes, bytes + function->parameterBytes);
  stream->waiting.push_back([=] { (*function->kernel)(launch, copy); });
  return SUCCESS;
}
