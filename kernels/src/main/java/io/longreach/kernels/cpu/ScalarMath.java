package io.longreach.kernels.cpu;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.reference.Functions;

/** The elementary functions of the scalar kernels: computed in double, rounded once. */
final class ScalarMath {

  private ScalarMath() {}

  static float activate(Activation activation, float x) {
    return (float) Functions.activate(activation, x);
  }
}
