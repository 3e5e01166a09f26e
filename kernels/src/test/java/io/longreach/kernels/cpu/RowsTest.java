package io.longreach.kernels.cpu;

import static java.lang.Float.NaN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.reference.ReferenceDevice;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** LayerNorm, additions, embeddings. */
class RowsTest {
  private static final int[] COLUMNS = {1, 7, 8, 63, 64, 65, 384, 1000};
  private static final int[] ROWS = {1, 7, 63, 64, 65, 257};

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void normsEqualTheReference(Instructions instructions) {
    for (int columns : COLUMNS) {
      for (int rows : ROWS) {
        float[] in = Naive.gaussian(rows * columns, 1);
        float[] residual = Naive.gaussian(rows * columns, 2);
        float[] expected = norm(new ReferenceDevice(), in, residual, columns, 1e-5f);
        float[] found = norm(CpuDevice.create(1, instructions), in, residual, columns, 1e-5f);
        assertClose(expected, found, 4e-6, rows + " x " + columns);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void aLargeMeanCostsNoMoreThanItsRounding(Instructions instructions) {
    int columns = 384;
    float[] in = Naive.gaussian(7 * columns, 1);
    for (int i = 0; i < in.length; i++) {
      in[i] += 1000;
    }
    float[] expected = norm(new ReferenceDevice(), in, null, columns, 1e-12f);
    float[] found = norm(CpuDevice.create(1, instructions), in, null, columns, 1e-12f);
    assertClose(expected, found, 1e-3, "mean 1000");
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void aConstantRowBecomesTheShift(Instructions instructions) {
    for (float value : new float[] {0, 0.25f, -3}) {
      float[] in = new float[2 * 65];
      Arrays.fill(in, value);
      float[] found = norm(CpuDevice.create(1, instructions), in, null, 65, 1e-5f);
      float[] shift = Naive.gaussian(65, 4);
      for (int i = 0; i < found.length; i++) {
        assertEquals(shift[i % 65], found[i], 1e-4, "a row of " + value);
      }
    }
  }

  /** Against the argmax over the values and their negatives, laid side by side. */
  @ParameterizedTest
  @EnumSource(Instructions.class)
  void argmaxIsThePlaceOfTheFirstMaximum(Instructions instructions) {
    RowKernel kernel = CpuKernels.of(instructions).rows();
    Random random = new Random(7);
    for (int columns = 1; columns < 70; columns++) {
      int rows = 1 + random.nextInt(40);
      int step = rows + random.nextInt(3);
      float[] values = new float[3 + columns * step];
      for (int i = 0; i < values.length; i++) {
        // Few distinct values: ties, zeros of both signs, and rows of one sign at times.
        int row = Math.floorMod(i - 3, step);
        float sign = row % 4 == 0 ? -1 : row % 4 == 1 ? 1 : random.nextBoolean() ? 1 : -1;
        values[i] = sign * random.nextInt(row % 5 == 0 ? 1 : 4);
      }
      int broken = random.nextInt(rows);
      values[3 + random.nextInt(columns) * step + broken] = columns % 2 == 0 ? NaN : -NaN;
      int[] places = new int[rows];
      kernel.argmax(values, 3, step, columns, places);
      for (int row = 0; row < rows; row++) {
        int expected = 0;
        for (int i = 1; i < 2 * columns && row != broken; i++) {
          boolean more =
              side(values, 3 + row, step, columns, i)
                  > side(values, 3 + row, step, columns, expected);
          expected = more ? i : expected;
        }
        assertEquals(expected, places[row], columns + " columns, row " + row);
      }
    }
  }

  private static float side(float[] values, int first, int step, int columns, int i) {
    float value = values[first + i % columns * step];
    return i < columns ? value : -value;
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void theBitsOfARowDependOnNothingButTheRow(Instructions instructions) {
    int columns = 67;
    float[] in = Naive.gaussian(200 * columns, 1);
    float[] residual = Naive.gaussian(200 * columns, 2);
    float[] whole = norm(CpuDevice.create(1, instructions), in, residual, columns, 1e-5f);
    try (Device three = CpuDevice.create(3, instructions)) {
      assertArrayEquals(whole, norm(three, in, residual, columns, 1e-5f), "threads");
    }
    for (int first : new int[] {1, 63, 64, 65, 199}) {
      assertArrayEquals(
          Arrays.copyOfRange(whole, first * columns, whole.length),
          norm(
              CpuDevice.create(1, instructions),
              Arrays.copyOfRange(in, first * columns, in.length),
              Arrays.copyOfRange(residual, first * columns, residual.length),
              columns,
              1e-5f),
          "from row " + first);
    }
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void aNaNStaysInItsRow(Instructions instructions) {
    float[] in = Naive.gaussian(5 * 20, 1);
    in[2 * 20 + 3] = Float.NaN;
    float[] found = norm(CpuDevice.create(1, instructions), in, null, 20, 1e-5f);
    for (int i = 0; i < found.length; i++) {
      assertEquals(i / 20 == 2, Float.isNaN(found[i]), "row " + i / 20);
    }
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void theOutputMayBeEitherInput(Instructions instructions) {
    float[] in = Naive.gaussian(70 * 24, 1);
    float[] residual = Naive.gaussian(70 * 24, 2);
    float[] expected = norm(CpuDevice.create(1, instructions), in, residual, 24, 1e-5f);
    try (Device device = CpuDevice.create(2, instructions)) {
      for (int i = 0; i < 2; i++) {
        Matrix a = device.upload(in, 70, 24);
        Matrix b = device.upload(residual, 70, 24);
        Matrix out = i == 0 ? a : b;
        device.addNorm(a, b, norm(device, 24, 1e-5f), out);
        assertArrayEquals(expected, device.download(out, 0, 70), i == 0 ? "in" : "residual");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void addAddsToTheBit(Instructions instructions) {
    for (int rows : ROWS) {
      float[] a = Naive.gaussian(rows * 13, 1);
      float[] b = Naive.gaussian(rows * 13, 2);
      try (Device device = CpuDevice.create(2, instructions)) {
        Matrix inOut = device.upload(a, rows, 13);
        device.add(inOut, device.upload(b, rows, 13));
        float[] found = device.download(inOut, 0, rows);
        for (int i = 0; i < found.length; i++) {
          assertEquals(a[i] + b[i], found[i], "element " + i);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void embeddingsEqualTheReference(Instructions instructions) {
    for (int rows : ROWS) {
      int[][] indices = new int[3][rows];
      for (int row = 0; row < rows; row++) {
        indices[0][row] = row * 7 % 50;
        indices[1][row] = row % 3;
      }
      try (Device device = CpuDevice.create(2, instructions)) {
        float[] expected = embedded(new ReferenceDevice(), indices, rows);
        assertClose(expected, embedded(device, indices, rows), 1e-6, rows + " rows");
      }
    }
  }

  private static float[] embedded(Device device, int[][] indices, int rows) {
    Device.Table[] tables = {
      device.table(Naive.gaussian(50 * 31, 1), 50, 31),
      device.table(Naive.gaussian(3 * 31, 2), 3, 31),
      device.table(Naive.gaussian(31, 3), 1, 31)
    };
    Matrix out = device.upload(Naive.gaussian(rows * 31, 4), rows, 31);
    device.embed(tables, indices, out);
    return device.download(out, 0, rows);
  }

  @Test
  void anIndexOutsideItsTableIsNamed() {
    try (Device device = CpuDevice.create(1)) {
      Device.Table[] tables = {device.table(new float[6], 3, 2)};
      for (int index : new int[] {3, -1}) {
        String message =
            assertThrows(
                    IllegalArgumentException.class,
                    () -> device.embed(tables, new int[][] {{index}}, device.allocate(1, 2)))
                .getMessage();
        assertEquals("an embedding index must be below 3, was " + index, message);
      }
    }
  }

  @Test
  void aMatrixOfAnotherDeviceIsRefused() {
    try (Device device = CpuDevice.create(1)) {
      Matrix foreign = new ReferenceDevice().allocate(1, 2);
      String message =
          assertThrows(IllegalArgumentException.class, () -> device.download(foreign, 0, 1))
              .getMessage();
      assertTrue(message.contains("upload it first"), message);
    }
  }

  private static float[] norm(
      Device device, float[] in, float[] residual, int columns, float epsilon) {
    int rows = in.length / columns;
    Matrix out = device.allocate(rows, columns);
    device.addNorm(
        device.upload(in, rows, columns),
        residual == null ? null : device.upload(residual, rows, columns),
        norm(device, columns, epsilon),
        out);
    return device.download(out, 0, rows);
  }

  private static Device.Norm norm(Device device, int columns, float epsilon) {
    return device.norm(Naive.gaussian(columns, 3), Naive.gaussian(columns, 4), epsilon);
  }

  private static void assertClose(float[] expected, float[] found, double allowed, String what) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[i], allowed * Math.max(1, Math.abs(expected[i])), what);
    }
  }
}
