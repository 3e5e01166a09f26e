// The kernels under their names, compiled with whatever checks the build asks for.
#include "host.hpp"

#include "attention.cu"
#include "attentionHopper.cu"
#include "attentionTensor.cu"
#include "favor.cu"
#include "favorQueries.cu"
#include "linear.cu"
#include "linearHopper.cu"
#include "linearTensor.cu"
#include "lsh.cu"
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
    NAMED(attentionJoin),
    NAMED(favorMaximum64),
    NAMED(favorMaximum128),
    NAMED(favorKeys64),
    NAMED(favorKeys128),
    NAMED(favorQueries64),
    NAMED(favorQueries128),
    NAMED(favorCausal64),
    NAMED(favorCausal128),
    NAMED(favorStabiliser),
    NAMED(favorTotal),
    NAMED(attentionTensor32x64),
    NAMED(attentionTensor64x64),
    NAMED(attentionTensor128x64),
    NAMED(attentionTensor32x128),
    NAMED(attentionTensor64x128),
    NAMED(attentionTensor128x128),
    NAMED(attentionHopper32x64),
    NAMED(attentionHopper64x64),
    NAMED(attentionHopper128x64),
    NAMED(attentionHopper32x128),
    NAMED(attentionHopper64x128),
    NAMED(attentionHopper128x128),
    NAMED(linearHopper),
    NAMED(linearTensor64),
    NAMED(linearTensor128),
    NAMED(lshKeys),
    NAMED(lshHash64),
    NAMED(lshHash128),
    NAMED(lshCount),
    NAMED(lshPlaces),
    NAMED(lshScatter),
    NAMED(lshLonely),
    NAMED(addNormNarrow),
    NAMED(addNormWide),
    NAMED(linearFloat),
    NAMED(addElements),
    NAMED(fillElements),
    NAMED(copyRows),
    NAMED(reduceRows),
    NAMED(reduceSegments),
    NAMED(rotate),
    EXTRA_KERNELS};
