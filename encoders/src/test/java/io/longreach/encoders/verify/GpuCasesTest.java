package io.longreach.encoders.verify;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.cuda.Gpus;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** All golden cases on a GPU, in float32 and in bf16. */
@Tag("gpu")
class GpuCasesTest {

  /** Skipped without a GPU, or failed where there must be one. */
  @BeforeAll
  static void requireGpu() {
    Gpus.Found found = Gpus.find();
    if (found.gpus().isEmpty()) {
      if ("required".equals(System.getProperty("longreach.gpu"))) {
        Assertions.fail("-Dlongreach.gpu=required, but " + found.problem());
      }
      Assumptions.abort(found.problem());
    }
  }

  @Test
  void theGpuPassesAllCases() {
    List<CaseResult> results =
        Verification.onGpu().run(Path.of("src/test/resources/golden"), result -> {});
    assertFalse(results.isEmpty(), "cases");
    List<CaseResult> failed = results.stream().filter(result -> !result.passed()).toList();
    assertTrue(failed.isEmpty(), failed::toString);
  }
}
