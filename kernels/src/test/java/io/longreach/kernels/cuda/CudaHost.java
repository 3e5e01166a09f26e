package io.longreach.kernels.cuda;

import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The host's programs for the tests of one JVM: compiled once, when the first test asks. */
final class CudaHost {
  private static HostProgram memory;
  private static HostProgram races;

  private CudaHost() {}

  /** A process that checks memory accesses. */
  static HostDriver memory() {
    return memory(false);
  }

  /**
   * @param warpgroups whether it stands in for a GPU that has products of warpgroups
   */
  static synchronized HostDriver memory(boolean warpgroups) {
    if (memory == null) {
      memory = compile(HostProgram.Check.MEMORY, null);
    }
    return memory.start(warpgroups);
  }

  /** A process that checks for races, with kernels that have some. */
  static synchronized HostDriver races(boolean warpgroups) {
    if (races == null) {
      races = compile(HostProgram.Check.RACES, Path.of("src/test/cuda/races.cu"));
    }
    return races.start(warpgroups);
  }

  private static HostProgram compile(HostProgram.Check check, Path extra) {
    Assumptions.assumeTrue(HostDriver.available(), "no g++: the CUDA sources cannot be run here");
    HostProgram program = HostProgram.compile(check, extra);
    Runtime.getRuntime().addShutdownHook(new Thread(program::delete));
    return program;
  }
}
