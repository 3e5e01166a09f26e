package io.longreach.job.drill;

import java.util.Optional;

/**
 * One run of the job on the cluster.
 *
 * @param tokensPerSecond as the job says it: from the plan to the last document
 * @param seconds from submission to exit
 * @param steady if it had a middle
 * @param cpu of its processes, from submission to exit
 */
record ScaleRun(
    double tokensPerSecond, double seconds, Optional<SteadyState> steady, CpuSeconds cpu) {

  /** Cores that its processes kept busy, on average. */
  double busyCores() {
    return cpu.total() / seconds;
  }
}
