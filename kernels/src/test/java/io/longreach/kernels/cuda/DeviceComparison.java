package io.longreach.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longreach.kernels.device.Device;
import io.longreach.kernels.reference.ReferenceDevice;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * A device against the reference. It runs the CUDA sources on the host, with AddressSanitizer,
 * unless a subclass says otherwise.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DeviceComparison {
  static final double FLOAT = 1e-4;
  static final double BFLOAT = 2e-2;

  private static final Device REFERENCE = new ReferenceDevice();

  Device cuda;
  Device tensorCores;

  CudaDriver open() {
    return CudaHost.memory();
  }

  @BeforeAll
  void start() {
    CudaDriver driver = open();
    cuda = new CudaDevice(driver, CudaDevice.Precision.FLOAT32);
    tensorCores = new CudaDevice(driver, CudaDevice.Precision.BFLOAT16);
  }

  @AfterAll
  void stop() {
    if (cuda != null) {
      cuda.close();
    }
  }

  static void assertClose(
      Function<Device, float[]> run, Device device, double allowed, String what) {
    float[] expected = run.apply(REFERENCE);
    float[] found = run.apply(device);
    assertEquals(expected.length, found.length, what);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[i], allowed, what + ", value " + i);
    }
  }

  static float[] concatenated(float[] left, float[] right) {
    float[] all = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, all, left.length, right.length);
    return all;
  }

  static float[] gaussian(int size, int seed) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
