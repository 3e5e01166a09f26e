package io.longreach.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Memory, copies and launches on a GPU: whatever the streams do, calls act in their order. */
@Tag("gpu")
class GpuDriverTest {
  private static final int ROUNDS = 4;

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

  private static ByteBuffer random(int bytes, int seed) {
    byte[] values = new byte[bytes];
    new Random(seed).nextBytes(values);
    return ByteBuffer.wrap(values);
  }

  private static byte[] read(long address, int bytes) {
    ByteBuffer to = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    driver.read(address, to);
    byte[] values = new byte[bytes];
    to.flip().get(values);
    return values;
  }

  @Test
  void bytesComeBackAsTheyWent() {
    for (int bytes : new int[] {1, 4096, (3 << 22) + 5, 20 << 20}) {
      ByteBuffer from = random(bytes, bytes);
      long address = driver.allocate(bytes);
      driver.write(address, from.duplicate());
      assertArrayEquals(from.array(), read(address, bytes), bytes + " bytes");
      driver.free(address);
    }
  }

  @Test
  void memoryIsZeroEvenWhenItWasUsedBefore() {
    for (int round = 0; round < 100; round++) {
      long address = driver.allocate(10_000);
      assertArrayEquals(new byte[10_000], read(address, 10_000), "round " + round);
      driver.write(address, random(10_000, round));
      driver.free(address);
    }
  }

  private static void fill(long address, int floats, float value) {
    fill(driver, address, floats, value);
  }

  private static void fill(GpuDriver on, long address, int floats, float value) {
    ByteBuffer parameters = elements(address, 0, floats, value);
    on.launch("fillElements", (floats + 255) / 256, 1, 256, 0, parameters);
  }

  /** Parameters of the kernels for elements, all of them float32. */
  private static ByteBuffer elements(long inOut, long other, long count, float value) {
    ByteBuffer parameters = ByteBuffer.allocateDirect(48).order(ByteOrder.nativeOrder());
    parameters.putLong(inOut).putLong(0).putLong(other).putLong(0);
    return parameters.putLong(count).putFloat(value).putInt(0).flip();
  }

  private static float first(long address) {
    return ByteBuffer.wrap(read(address, 4)).order(ByteOrder.nativeOrder()).getFloat();
  }

  @Test
  void writesAndLaunchesActInTheOrderOfTheCalls() {
    long address = driver.allocate(1000 * Float.BYTES);
    fill(address, 1000, 3);
    driver.write(address, ByteBuffer.wrap(new byte[Float.BYTES]));
    assertEquals(0, first(address));
    fill(address, 1000, 4);
    assertEquals(4, first(address));
    driver.free(address);
  }

  @Test
  void memoryThatKernelsUseIsNotGivenAway() {
    int floats = 1 << 20;
    List<Float> found = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      long target = driver.allocate(Float.BYTES);
      long source = driver.allocate((long) floats * Float.BYTES);
      fill(source, floats, round + 1f);
      driver.synchronize();
      add(target, source);
      driver.free(source);
      long next = driver.allocate((long) floats * Float.BYTES);
      found.add(first(target));
      driver.free(next);
      driver.free(target);
    }
    for (int round = 0; round < ROUNDS; round++) {
      assertEquals(round + 1f, found.get(round), "round " + round);
    }
  }

  private static void add(long inOut, long other) {
    ByteBuffer parameters = elements(inOut, other, 1, 0);
    driver.launch("addElements", 1, 1, 256, 0, parameters);
  }

  @Test
  void threadsShareIt() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Boolean>> results = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        int own = thread;
        results.add(
            threads.submit(
                () -> {
                  for (int round = 0; round < 50; round++) {
                    long address = driver.allocate(40_000);
                    fill(address, 10_000, own + 1f);
                    if (first(address) != own + 1f) {
                      return false;
                    }
                    driver.free(address);
                  }
                  return true;
                }));
      }
      for (Future<Boolean> result : results) {
        assertTrue(result.get());
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void tooMuchSaysHowMuchThereIs() {
    String message =
        assertThrows(CudaOutOfMemoryException.class, () -> driver.allocate(1L << 50)).getMessage();
    assertTrue(message.contains("has no 1,125,899,906,842,624 bytes"), message);
    assertTrue(message.contains("use device=cpu"), message);
    long address = driver.allocate(8);
    driver.free(address);
  }

  @Test
  void memoryThatIsKeptForReuseIsFreeMemory() {
    driver.trim();
    long before = driver.freeBytes();
    long address = driver.allocate(64 << 20);
    assertTrue(driver.freeBytes() <= before - (64 << 20));
    driver.free(address);
    assertTrue(driver.freeBytes() >= before, "kept memory counts as free");
    driver.trim();
    assertTrue(driver.freeBytes() >= before, "and can be given back");
  }

  @Test
  void unknownKernelsAndWrongParametersAreRefused() {
    ByteBuffer eight = ByteBuffer.allocateDirect(8);
    assertTrue(
        assertThrows(CudaException.class, () -> driver.launch("fillElements", 1, 1, 1, 0, eight))
            .getMessage()
            .contains("parameters of fillElements must have 48 bytes, had 8"));
    assertTrue(
        assertThrows(CudaException.class, () -> driver.launch("none", 1, 1, 1, 0, eight))
            .getMessage()
            .contains("there is no kernel 'none'"));
  }

  @Test
  void aScopeFreesItsMatricesAndAClosedGpuSaysSo() {
    GpuDriver own = GpuDriver.open(Gpus.at(""));
    Device device = new CudaDevice(own, CudaDevice.Precision.FLOAT32);
    long before = own.freeBytes();
    Matrix kept = device.allocate(1, 8);
    try (Device.Scope scope = device.scope()) {
      device.upload(new float[1 << 20], 1 << 10, 1 << 10);
      try (Device.Scope inner = device.scope()) {
        device.allocate(1 << 10, 1 << 10);
      }
      assertTrue(own.freeBytes() <= before - (4 << 20));
    }
    assertTrue(own.freeBytes() >= before - 4096, "only the kept matrix holds memory");
    assertArrayEquals(new float[8], device.download(kept, 0, 1));
    device.close();
    assertTrue(
        assertThrows(CudaException.class, () -> own.allocate(8)).getMessage().contains("closed"));
    own.free(0);
    own.close();
  }
}
