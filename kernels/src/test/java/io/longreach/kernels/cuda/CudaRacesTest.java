package io.longreach.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The host's race check: silent about the kernels, loud about kernels broken on purpose. */
class CudaRacesTest {
  private static final Path BROKEN = Path.of("src/test/cuda/races.cu");
  private static final int THREADS = 64;

  private static HostProgram program;

  @BeforeAll
  static void compile() {
    Assumptions.assumeTrue(HostDriver.available(), "no g++: the CUDA sources cannot be run here");
    program = HostProgram.compile(HostProgram.Check.RACES, BROKEN);
  }

  @AfterAll
  static void delete() {
    if (program != null) {
      program.delete();
    }
  }

  @Test
  void aCorrectKernelIsLetThrough() {
    float[] found = new float[2 * THREADS];
    try (HostDriver driver = program.start();
        Memory out = launch(driver, "correctNeighbour")) {
      out.read(0, found);
    }
    assertEquals(1, found[0]);
  }

  @ParameterizedTest
  @CsvSource({
    "readsWithoutBarrier, writes shared memory that thread 0 read since the last barrier",
    "overwritesTooSoon, reads shared memory that thread 0 wrote since the last barrier",
    "writesWhatOtherBlocksWrite, writes global memory that another block wrote in the same launch",
    "leavesBeforeTheBarrier, left the kernel"
  })
  void aBrokenKernelIsCaught(String kernel, String said) {
    try (HostDriver driver = program.start()) {
      String message = assertThrows(CudaException.class, () -> launch(driver, kernel)).getMessage();
      assertTrue(message.contains(said), message);
      assertTrue(message.contains(kernel.startsWith("leaves") ? "" : "races.cu:"), message);
    }
  }

  private static Memory launch(CudaDriver driver, String kernel) {
    Memory out = new Memory.Pool(driver).of(new float[2 * THREADS]);
    new Parameters().pointer(out).launch(driver, kernel, 2, 1, THREADS);
    return out;
  }
}
