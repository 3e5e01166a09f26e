package io.longreach.kernels.cuda;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * The GPU of tests that need one: without it they are skipped, or fail where {@code
 * -Dlongreach.gpu=required} says that there must be one.
 */
final class TestGpu {

  private TestGpu() {}

  static GpuDriver open() {
    Gpus.Found found = Gpus.find();
    if (found.gpus().isEmpty()) {
      if ("required".equals(System.getProperty("longreach.gpu"))) {
        Assertions.fail("-Dlongreach.gpu=required, but " + found.problem());
      }
      Assumptions.abort(found.problem());
    }
    return GpuDriver.open(Gpus.at(""));
  }
}
