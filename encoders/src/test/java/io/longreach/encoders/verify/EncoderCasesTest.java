package io.longreach.encoders.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.cpu.CpuDevice;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncoderCasesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  @ParameterizedTest
  @CsvSource({
    "bert, 2",
    "roberta, 2",
    "longformer, 6",
    "bigbird, 5",
    "modernbert, 2",
    "reformer, 7",
    "performer, 2"
  })
  void everyCasePassesOnTheReferenceAndTheCpu(String family, int cases) {
    List<CaseResult> results =
        Verification.onReference()
            .with(CpuDevice.create(2))
            .run(GOLDEN.resolve(family), result -> {});
    assertEquals(2 * cases, results.size(), "results");
    for (CaseResult result : results) {
      assertTrue(result.passed(), result.toString());
    }
  }
}
