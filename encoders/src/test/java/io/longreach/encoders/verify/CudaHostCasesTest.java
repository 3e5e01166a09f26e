package io.longreach.encoders.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.longreach.kernels.cuda.CudaDevice;
import io.longreach.kernels.cuda.HostDriver;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The CUDA kernels on the host compute the published attention cases. */
class CudaHostCasesTest {
  private static final Path ATTENTION = Path.of("src/test/resources/golden/attention");

  /** The device has no linear attention yet: its favor cases say so and fail. */
  @Test
  void cudaPassesAllAttentionCasesButLinearOnes() {
    Assumptions.assumeTrue(HostDriver.available(), "no g++: the CUDA sources cannot be run here");
    try (CudaDevice device = CudaDevice.onHost()) {
      List<CaseResult> results = Verification.on(device).run(ATTENTION, result -> {});
      assertFalse(results.isEmpty(), "cases");
      for (CaseResult result : results) {
        assertEquals(!result.name().startsWith("favor"), result.passed(), result.toString());
      }
    }
  }
}
