package io.longreach.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.reference.ReferenceDevice;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RotationTest {
  @Test
  void equalsTheReferenceInsideAMatrix() {
    int rows = 2200;
    float[] values = new float[rows * 20];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i * 0.37);
    }
    float[] expected = rotated(new ReferenceDevice(), values, rows);
    float[] found = rotated(CpuDevice.create(2), values, rows);
    assertArrayEquals(expected, found, 1e-6f);
    assertArrayEquals(
        Arrays.copyOf(values, 3 * 20), Arrays.copyOf(found, 3 * 20), "rows before the document");
    assertEquals(values[5 * 20 + 1], found[5 * 20 + 1], "columns before the view");
    assertEquals(values[5 * 20 + 18], found[5 * 20 + 18], "columns behind the heads");
  }

  private static float[] rotated(Device device, float[] values, int rows) {
    Matrix matrix = device.upload(values, rows, 20);
    device.rotate(new View(matrix, 2), 2, device.rotation(10000, 8), 3, rows - 3);
    return device.download(matrix, 0, rows);
  }

  @Test
  void aSegmentTurnsAsInItsDocument() {
    float[] values = new float[40 * 8];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.cos(i * 0.11);
    }
    for (Device device : new Device[] {CpuDevice.create(1), new ReferenceDevice()}) {
      Matrix whole = device.upload(values, 40, 8);
      device.rotate(new View(whole, 0), 2, device.rotation(100, 4), 0, 40);
      Matrix parts = device.upload(values, 40, 8);
      device.rotate(new View(parts, 0), 2, device.rotation(100, 4), 0, 17, 0);
      device.rotate(new View(parts, 0), 2, device.rotation(100, 4), 17, 23, 17);
      assertArrayEquals(device.download(whole, 0, 40), device.download(parts, 0, 40), 0f);
    }
  }

  @Test
  void aFarPositionIsAsExactAsANearOne() {
    int position = (5 << 22) + (7 << 11) + 11;
    float[] head = {0.5f, -0.25f, 0.75f, 1f};
    float[] found = head.clone();
    int token = position;
    // Row `position` is moved to the start of the array by the offset.
    new CpuRotation(10000, 4).rotate(found, -token * 4, 4, 1, token, token + 1, 0);
    for (int pair = 0; pair < 2; pair++) {
      double angle = position * Math.pow(10000, -pair / 2.0);
      double expected = head[pair] * Math.cos(angle) - head[pair + 2] * Math.sin(angle);
      assertEquals(expected, found[pair], 1e-6);
    }
  }

  @Test
  void copyRowsGathersAndScatters() {
    for (Device device : new Device[] {CpuDevice.create(1), new ReferenceDevice()}) {
      Matrix from = device.upload(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
      Matrix to = device.allocate(4, 2);
      device.copyRows(from, new int[] {2, 0}, to, new int[] {0, 3});
      assertArrayEquals(new float[] {5, 6, 0, 0, 0, 0, 1, 2}, device.download(to, 0, 4));
    }
  }

  @Test
  void oddHeadsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new CpuRotation(10000, 7));
  }
}
