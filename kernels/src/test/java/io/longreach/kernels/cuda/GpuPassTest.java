package io.longreach.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longreach.kernels.device.Device;
import io.longreach.kernels.reference.ReferenceDevice;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every kernel once on a GPU, with many calls between one wait and the next. */
@Tag("gpu")
class GpuPassTest {
  private static GpuDriver driver;

  @BeforeAll
  static void open() {
    driver = TestGpu.open();
  }

  @AfterAll
  static void close() {
    if (driver != null) {
      driver.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, 1e-4", "BFLOAT16, 2e-2"})
  void everyKernelEqualsTheReference(CudaDevice.Precision precision, float allowed) {
    // Enough for the largest tiles of linear layers.
    int outputs = 128 * driver.multiprocessors() + 2;
    List<float[]> expected = EveryKernel.run(new ReferenceDevice(), outputs);
    Device device = new CudaDevice(driver, precision);
    List<float[]> found = EveryKernel.run(device, outputs);
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < found.size(); i++) {
      assertArrayEquals(expected.get(i), found.get(i), allowed, "result " + i);
    }
  }
}
