// The kernels under their names, compiled with whatever checks the build asks for.
#include "host.hpp"

#include "attention.cu"
#include "linear.cu"
#include "rows.cu"
#ifdef EXTRA_SOURCE
#include EXTRA_SOURCE
#else
#define EXTRA_KERNELS
#endif

namespace {
template <class P>
Kernel kernel(void (*function)(P)) {
  return [function](const Launch& launch, const std::vector<char>& bytes) {
    P parameters;
    if (bytes.size() != sizeof parameters) {
      hostFail("parameters must have " + std::to_string(sizeof parameters) + " bytes, had " +
               std::to_string(bytes.size()));
    }
    memcpy(&parameters, bytes.data(), sizeof parameters);
    hostRun(launch, [function, parameters] { function(parameters); });
  };
}
}  // namespace

#define NAMED(name) {#name, kernel(name)}

const std::map<std::string, Kernel> KERNELS = {
    NAMED(attention32),
    NAMED(attention64),
    NAMED(attention128),
    NAMED(attentionGather),
    NAMED(mergePartials),
    NAMED(linearFloat),
    NAMED(linearBfloat),
    NAMED(addNorm),
    NAMED(addElements),
    NAMED(multiplyElements),
    NAMED(fillElements),
    NAMED(copyRows),
    NAMED(rotate),
    EXTRA_KERNELS};
