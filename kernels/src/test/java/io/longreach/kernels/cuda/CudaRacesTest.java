package io.longreach.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The host's race check: silent about the kernels, loud about kernels broken on purpose. */
class CudaRacesTest {
  private static final int THREADS = 64;

  @Test
  void aCorrectKernelIsLetThrough() {
    float[] found = new float[2 * THREADS];
    try (HostDriver driver = CudaHost.races(false);
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
    try (HostDriver driver = CudaHost.races(false)) {
      String message = assertThrows(CudaException.class, () -> launch(driver, kernel)).getMessage();
      assertTrue(message.contains(said), message);
      assertTrue(message.contains(kernel.startsWith("leaves") ? "" : "races.cu:"), message);
    }
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, false", "BFLOAT16, false", "BFLOAT16, true"})
  void theKernelsHaveNone(CudaDevice.Precision precision, boolean warpgroups) {
    try (CudaDevice device = new CudaDevice(CudaHost.races(warpgroups), precision)) {
      for (float[] result : EveryKernel.run(device, 130)) {
        assertTrue(Double.isFinite(result[result.length - 1]), "result");
      }
    }
  }

  private static Memory launch(CudaDriver driver, String kernel) {
    Memory out = new Memory.Pool(driver).of(new float[2 * THREADS]);
    new Parameters().pointer(out).launch(driver, kernel, 2, 1, THREADS);
    return out;
  }
}
