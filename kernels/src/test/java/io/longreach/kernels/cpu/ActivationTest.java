package io.longreach.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.reference.Functions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ActivationTest {
  private static final float STEP = 1f / 512;

  @ParameterizedTest
  @EnumSource(Activation.class)
  void followsTheFunctionEverywhere(Activation activation) {
    float[] in = new float[40 * 512 + 1];
    for (int i = 0; i < in.length; i++) {
      in[i] = (i - in.length / 2) * STEP;
    }
    for (Instructions instructions : Instructions.values()) {
      float[] found = activate(instructions, activation, in);
      for (int i = 0; i < in.length; i++) {
        // A millionth, and never more than a millionth of the input where that is larger.
        double allowed = 1e-6 * Math.max(1, Math.abs(in[i]));
        assertEquals(
            Functions.activate(activation, in[i]),
            found[i],
            allowed,
            instructions + " " + activation + " of " + in[i]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void endsAreExact(Activation activation) {
    for (Instructions instructions : Instructions.values()) {
      float[] in = {0, 30, 1e10f, -30, -1e10f, Float.NaN, Float.POSITIVE_INFINITY, 1e-40f};
      float[] found = activate(instructions, activation, in);
      String what = instructions + " " + activation;
      assertEquals(0f, found[0], what + " of 0");
      assertEquals(30f, found[1], what + " of 30");
      assertEquals(1e10f, found[2], what + " of 1e10");
      if (activation != Activation.NONE) {
        assertEquals(0f, found[3], 1e-30, what + " of -30");
        assertEquals(0f, found[4], 1e-20, what + " of -1e10");
      }
      assertTrue(Float.isNaN(found[5]), what + " of NaN is " + found[5]);
      assertEquals(Float.POSITIVE_INFINITY, found[6], what + " of infinity");
      assertEquals(0, found[7], 1e-39, what + " of a subnormal");
    }
  }

  /** Through a linear layer that multiplies by one, as activations are only ever used. */
  private static float[] activate(Instructions instructions, Activation activation, float[] in) {
    try (Device device = CpuDevice.create(1, instructions)) {
      Matrix out = device.allocate(in.length, 1);
      device.linear(
          device.upload(in, in.length, 1),
          device.linear(new float[] {1}, null, 1, 1),
          activation,
          out);
      return device.download(out, 0, in.length);
    }
  }
}
