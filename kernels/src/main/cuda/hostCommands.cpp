// The kernels in a process of their own: reads commands from standard input, answers on standard
// output (HostDriver.java is the other end). Integers are little-endian, as the machine's.
#include "host.hpp"

#include <cstdio>
#include <cstdlib>

namespace {
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
  std::vector<char> bytes = readBytes();
  std::string name(bytes.begin(), bytes.end());
  auto found = KERNELS.find(name);
  if (found == KERNELS.end()) {
    hostFail("no kernel of that name: " + name);
  }
  Launch launch;
  launch.blocksX = readLong();
  launch.blocksY = readLong();
  launch.threads = readLong();
  launch.sharedBytes = readLong();
  raceLaunch(name);
  found->second(launch, readBytes());
  answer(0);
}

// The bytes go through memcpy-like reads of the process itself, so that ASan checks their range.
void execute(char command) {
  if (command == 'A') {
    size_t bytes = readLong();
    int content = readLong();
    void* memory = malloc(bytes);
    answer((int64_t)(intptr_t)(memory ? memset(memory, content, bytes) : nullptr));
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
    hostFail(std::string("no such command: ") + command);
  }
}
}  // namespace

int main() {
  for (int command; (command = getchar()) != EOF;) {
    execute((char)command);
  }
}
