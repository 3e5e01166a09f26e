package io.longreach.encoders.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.cuda.CudaDevice;
import io.longreach.kernels.cuda.HostDriver;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The CUDA kernels on the host compute the published cases. */
class CudaHostCasesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  private static HostDriver driver;
  private static HostDriver hopper;

  @BeforeAll
  static void start() {
    Assumptions.assumeTrue(HostDriver.available(), "no g++: the CUDA sources cannot be run here");
    driver = HostDriver.start(false);
    hopper = HostDriver.start(true);
  }

  @AfterAll
  static void stop() {
    if (driver != null) {
      driver.close();
      hopper.close();
    }
  }

  @Test
  void allCasesPassInFloat32() {
    CudaDevice device = new CudaDevice(driver, CudaDevice.Precision.FLOAT32);
    requirePassed(Verification.on(device).run(GOLDEN, result -> {}));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "attention/bigbird-n256",
        "attention/causal-n255-padded",
        "attention/dense-n65-causal",
        "attention/dilated-per-head",
        "attention/global-shared-n255-padded",
        "attention/lsh-n256-padded",
        "attention/random-n150",
        "attention/favor-n255",
        "attention/window-n64-holes",
        "bert",
        "longformer/mixed-global-count",
        "bigbird/short-falls-back",
        "modernbert",
        "performer/encoder"
      })
  void casesPassOnTheTensorCores(String cases) {
    CudaDevice device = new CudaDevice(driver, CudaDevice.Precision.BFLOAT16);
    requirePassed(Verification.onBf16(device).run(GOLDEN.resolve(cases), result -> {}));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "attention/bigbird-n256",
        "attention/dilated-per-head",
        "attention/window-n64-holes",
        "longformer/mixed-global-count",
        "modernbert"
      })
  void casesPassByWarpgroups(String cases) {
    CudaDevice device = new CudaDevice(hopper, CudaDevice.Precision.BFLOAT16);
    requirePassed(Verification.onBf16(device).run(GOLDEN.resolve(cases), result -> {}));
  }

  /** Rounded to bf16, a row near the border of two buckets may fall into the other one. */
  @Test
  void modelsThatHashAreComputedInFloat32() {
    CudaDevice device = new CudaDevice(driver, CudaDevice.Precision.BFLOAT16);
    Verification verification = Verification.onBf16(device);
    List<CaseResult> hashed = verification.run(GOLDEN.resolve("reformer/mixed-padded"), r -> {});
    requirePassed(hashed);
    assertEquals("cuda-host (float32) for cuda-host (bf16)", hashed.get(0).device());
    assertEquals(1e-4, hashed.get(0).bound());
    List<CaseResult> local = verification.run(GOLDEN.resolve("reformer/local-only"), r -> {});
    requirePassed(local);
    assertEquals("cuda-host (bf16)", local.get(0).device());
  }

  private static void requirePassed(List<CaseResult> results) {
    assertFalse(results.isEmpty(), "cases");
    results.forEach(result -> assertTrue(result.passed(), result.toString()));
  }
}
