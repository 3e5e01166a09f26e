package io.longreach.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.device.RowReduction;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All but attention by the CUDA sources, on the host: linear layers, norms, rows. */
class CudaDeviceTest extends DeviceComparison {

  @ParameterizedTest
  @EnumSource(Activation.class)
  void linearEqualsTheReference(Activation activation) {
    // On the host the last one has blocks enough for tiles of 128 rows.
    for (int[] shape : new int[][] {{1, 1, 1}, {65, 37, 70}, {130, 40, 150}}) {
      Function<Device, float[]> run =
          device -> {
            int rows = shape[0];
            Matrix in = device.upload(gaussian(rows * shape[1], 1), rows, shape[1]);
            float[] weight = scaled(gaussian(shape[1] * shape[2], 2), shape[1]);
            Matrix out = device.allocate(rows, shape[2]);
            float[] bias = gaussian(shape[2], 3);
            device.linear(in, device.linear(weight, bias, shape[1], shape[2]), activation, out);
            return device.download(out, 0, rows);
          };
      String what = activation + " of " + Arrays.toString(shape);
      assertClose(run, cuda, FLOAT, what);
      assertClose(run, tensorCores, BFLOAT, "bf16 " + what);
    }
  }

  /** The twin of the tensor cores reads their matrices and packs layers of its own. */
  @Test
  void theFloat32TwinMultipliesInFloat32() {
    assertSame(cuda, cuda.inFloat32());
    assertClose(
        device -> {
          Matrix in = device.upload(gaussian(65 * 37, 1), 65, 37);
          Device exact = device.inFloat32();
          Device.Linear layer = exact.linear(scaled(gaussian(37 * 70, 2), 37), null, 37, 70);
          Matrix out = exact.allocateOperand(65, 70);
          exact.linear(in, layer, Activation.NONE, out);
          return device.download(out, 0, 65);
        },
        tensorCores,
        FLOAT,
        "float32 twin");
  }

  @Test
  void feedForwardWithAGateEqualsTheReference() {
    assertClose(
        device -> {
          Matrix in = device.upload(gaussian(33 * 20, 1), 33, 20);
          Device.Linear up = device.linear(scaled(gaussian(20 * 50, 2), 20), null, 20, 50);
          Device.Linear gate = device.linear(scaled(gaussian(20 * 50, 3), 20), null, 20, 50);
          Device.Linear down = device.linear(scaled(gaussian(50 * 20, 4), 50), null, 50, 20);
          device.feedForward(in, new Device.FeedForward(up, gate, Activation.GELU, down), in);
          return device.download(in, 0, 33);
        },
        cuda,
        FLOAT,
        "feedForward in place");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 127, 300, 1025})
  void normsEqualTheReference(int columns) {
    assertClose(
        device -> {
          Matrix in = device.upload(gaussian(5 * columns, 1), 5, columns);
          Matrix residual = device.upload(gaussian(5 * columns, 2), 5, columns);
          device.add(residual, in);
          Device.Norm norm = device.norm(gaussian(columns, 3), gaussian(columns, 4), 1e-5f);
          device.addNorm(in, residual, norm, residual);
          device.addNorm(in, null, device.norm(gaussian(columns, 5), null, 1e-5f), in);
          return concatenated(device.download(in, 0, 5), device.download(residual, 1, 5));
        },
        cuda,
        FLOAT,
        columns + " columns");
  }

  @ParameterizedTest
  @EnumSource(RowReduction.class)
  void rowsBecomeOne(RowReduction reduction) {
    for (int rows : new int[] {1, 63, 4200}) {
      float[] values = gaussian(rows * 3, rows);
      double[] expected = reduction.start(3);
      reduction.add(Arrays.copyOfRange(values, 3 * (rows / 2), values.length), 0, expected);
      double[] found = reduce(cuda.upload(values, rows, 3), rows / 2, rows, reduction);
      assertArrayEquals(expected, found, 1e-6 * rows, reduction + " of " + rows);
    }
    Matrix nan = cuda.upload(new float[] {1, Float.NaN, 2}, 3, 1);
    assertEquals(Double.NaN, reduce(nan, 0, 3, reduction)[0]);
  }

  private double[] reduce(Matrix matrix, int firstRow, int lastRow, RowReduction reduction) {
    Device.PlacedRows rows = new Device.PlacedRows(firstRow, lastRow - firstRow);
    return cuda.reduce(matrix, List.of(rows), reduction)[0];
  }

  @Test
  void rowsAreLookedUpCopiedJoinedAndTurned() {
    assertClose(
        device -> {
          Device.Table words = device.table(gaussian(30 * 12, 1), 30, 12);
          Device.Table places = device.table(gaussian(4 * 12, 2), 4, 12);
          Matrix out = device.allocate(3, 12);
          int[][] indices = {{29, 0, 7}, {0, 3, 1}};
          device.embed(new Device.Table[] {words, places}, indices, out);
          device.rotate(new AttentionInput.View(out, 4), 2, device.rotation(1e4, 4), 1, 2, 70000);
          Matrix copies = device.allocate(5, 12);
          device.copyRows(out, new int[] {2, 0}, copies, new int[] {0, 4});
          Matrix more = device.upload(gaussian(15, 3), 5, 3);
          return device.download(device.join(copies, more), 0, 5);
        },
        cuda,
        FLOAT,
        "rows");
  }

  private static float[] scaled(float[] weight, int inputs) {
    for (int i = 0; i < weight.length; i++) {
      weight[i] /= (float) Math.sqrt(inputs);
    }
    return weight;
  }
}
