package io.longreach.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.reference.ReferenceDevice;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LinearTest {
  private static final int[] ROWS = {1, 2, 3, 4, 7, 63, 64, 65, 95, 96, 97, 257};
  private static final int[][] INPUTS_OUTPUTS = {
    {1, 1}, {7, 3}, {8, 16}, {24, 65}, {65, 63}, {384, 17}, {385, 128}, {769, 31}
  };

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void equalsTheReferenceAtAwkwardSizes(Instructions instructions) {
    for (int[] shape : INPUTS_OUTPUTS) {
      Layer layer =
          new Layer(shape[0], shape[1], shape[1] == 16 ? null : Naive.gaussian(shape[1], 2));
      for (int rows : ROWS) {
        float[] in = Naive.gaussian(rows * shape[0], rows);
        Naive.assertAsGood(
            layer.run(new ReferenceDevice(), Activation.NONE, in),
            Naive.linear(in, layer.weight, layer.bias, shape[0], shape[1]),
            layer.run(CpuDevice.create(1, instructions), Activation.NONE, in),
            rows + " x " + Arrays.toString(shape));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void theBitsOfARowDependOnNothingButTheRow(Instructions instructions) {
    Layer layer = new Layer(385, 67, Naive.gaussian(67, 2));
    float[] in = Naive.gaussian(200 * 385, 3);
    try (Device one = CpuDevice.create(1, instructions);
        Device three = CpuDevice.create(3, instructions)) {
      float[] whole = layer.run(one, Activation.GELU, in);
      assertArrayEquals(whole, layer.run(three, Activation.GELU, in), "threads");
      for (int first : new int[] {0, 1, 2, 3, 5, 64, 95, 96, 97, 199}) {
        for (int count : new int[] {1, 2, 3, 4, 5, 97}) {
          int last = Math.min(200, first + count);
          assertArrayEquals(
              Arrays.copyOfRange(whole, first * 67, last * 67),
              layer.run(one, Activation.GELU, Arrays.copyOfRange(in, first * 385, last * 385)),
              "rows " + first + " to " + last);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void aNaNStaysInItsRow(Instructions instructions) {
    Layer layer = new Layer(24, 19, Naive.gaussian(19, 2));
    float[] in = Naive.gaussian(10 * 24, 3);
    float[] clean = layer.run(CpuDevice.create(1, instructions), Activation.GELU, in);
    in[6 * 24 + 5] = Float.NaN;
    float[] found = layer.run(CpuDevice.create(1, instructions), Activation.GELU, in);
    for (int i = 0; i < found.length; i++) {
      if (i / 19 == 6) {
        assertTrue(Float.isNaN(found[i]), "column " + i % 19 + " of the row with the NaN");
      } else {
        assertEquals(clean[i], found[i], "row " + i / 19 + " column " + i % 19);
      }
    }
  }

  @Test
  void sizesThatDoNotFitAreNamed() {
    try (Device cpu = CpuDevice.create(1)) {
      assertMessage("weight must hold 6 values, was 5", () -> cpu.linear(new float[5], null, 2, 3));
      assertMessage(
          "bias must hold 3 values, was 2", () -> cpu.linear(new float[6], new float[2], 2, 3));
      Device.Linear layer = cpu.linear(new float[6], null, 2, 3);
      assertMessage(
          "in must be 4 x 2, was 4 x 3",
          () -> cpu.linear(cpu.allocate(4, 3), layer, Activation.NONE, cpu.allocate(4, 3)));
      assertMessage(
          "out must be 4 x 3, was 5 x 3",
          () -> cpu.linear(cpu.allocate(4, 2), layer, Activation.NONE, cpu.allocate(5, 3)));
    }
  }

  private static void assertMessage(String start, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.startsWith(start), message);
  }

  private static final class Layer {
    private final int inputs;
    private final int outputs;
    private final float[] weight;
    private final float[] bias;

    Layer(int inputs, int outputs, float[] bias) {
      this.inputs = inputs;
      this.outputs = outputs;
      this.weight = Naive.gaussian(inputs * outputs, 1);
      this.bias = bias;
    }

    float[] run(Device device, Activation activation, float[] in) {
      int rows = in.length / inputs;
      Matrix out = device.allocate(rows, outputs);
      // What a matrix held before must not shine through.
      device.add(out, device.upload(Naive.gaussian(rows * outputs, 9), rows, outputs));
      device.linear(
          device.upload(in, rows, inputs),
          device.linear(weight, bias, inputs, outputs),
          activation,
          out);
      return device.download(out, 0, rows);
    }
  }
}
