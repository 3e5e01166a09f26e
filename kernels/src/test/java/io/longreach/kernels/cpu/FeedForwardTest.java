package io.longreach.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Device.FeedForward;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.reference.ReferenceDevice;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FeedForwardTest {
  private static final int COLUMNS = 24;
  private static final int INNER = 50;

  private final float[] up = gaussian(COLUMNS * INNER, 1);
  private final float[] gate = gaussian(COLUMNS * INNER, 2);
  private final float[] down = gaussian(COLUMNS * INNER, 3);
  private final float[] bias = gaussian(INNER, 4);

  @ParameterizedTest
  @EnumSource(Activation.class)
  void equalsTheReference(Activation activation) {
    for (int rows : new int[] {1, 7, 97, 250}) {
      for (int gates = 0; gates < 2; gates++) {
        float[] in = gaussian(rows * COLUMNS, 5);
        try (Device cpu = CpuDevice.create(1);
            Device reference = new ReferenceDevice()) {
          float[] expected = run(reference, activation, gates == 1, in);
          float[] found = run(cpu, activation, gates == 1, in);
          for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found[i], 2e-5 * Math.max(1, Math.abs(expected[i])), "out");
          }
        }
      }
    }
  }

  @Test
  void threadsDoNotChangeTheBits() {
    float[] in = gaussian(250 * COLUMNS, 5);
    try (Device one = CpuDevice.create(1);
        Device three = CpuDevice.create(3)) {
      assertArrayEquals(run(one, Activation.GELU, true, in), run(three, Activation.GELU, true, in));
    }
  }

  @Test
  void layersThatDoNotFitAreNamed() {
    try (Device cpu = CpuDevice.create(1)) {
      Device.Linear wide = cpu.linear(up, null, COLUMNS, INNER);
      IllegalArgumentException error =
          assertThrows(
              IllegalArgumentException.class,
              () -> new FeedForward(wide, null, Activation.GELU, wide));
      assertEquals(
          "up, gate and down must fit together, were 24 -> 50, none and 24 -> 50: check the"
              + " weights",
          error.getMessage());
    }
  }

  private float[] run(Device device, Activation activation, boolean gated, float[] in) {
    int rows = in.length / COLUMNS;
    FeedForward layers =
        new FeedForward(
            device.linear(up, bias, COLUMNS, INNER),
            gated ? device.linear(gate, null, COLUMNS, INNER) : null,
            activation,
            device.linear(down, null, INNER, COLUMNS));
    Matrix inOut = device.upload(in, rows, COLUMNS);
    device.feedForward(inOut, layers, inOut);
    return device.download(inOut, 0, rows);
  }

  private static float[] gaussian(int size, int seed) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian() / 4;
    }
    return values;
  }
}
