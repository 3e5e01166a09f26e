package io.longreach.kernels.cuda;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device;

/** Packs and launches rotary positions. */
final class CudaRotations {
  private static final int THREADS = 64;

  private final CudaDriver driver;
  private final Memory.Pool pool;

  private record Packed(Memory frequencies, int headDim) implements Device.Rotation {}

  CudaRotations(CudaDriver driver, Memory.Pool pool) {
    this.driver = driver;
    this.pool = pool;
  }

  Device.Rotation rotation(double theta, int headDim) {
    if (headDim < 2 || headDim % 2 != 0 || !(theta > 0)) {
      throw new IllegalArgumentException(
          String.format(
              "a rotation needs a positive theta and an even headDim, were %s and %d: check the"
                  + " model's configuration",
              theta, headDim));
    }
    double[] frequencies = new double[headDim / 2];
    for (int pair = 0; pair < frequencies.length; pair++) {
      frequencies[pair] = Math.pow(theta, -2.0 * pair / headDim);
    }
    return new Packed(pool.of(frequencies), headDim);
  }

  void rotate(
      AttentionInput.View inOut,
      int heads,
      Device.Rotation rotation,
      int firstRow,
      int tokens,
      int firstPosition) {
    Packed angles = (Packed) rotation;
    CudaMatrix matrix = CudaMatrix.of(inOut.matrix());
    CudaAttention.requireView("inOut", inOut, heads * angles.headDim(), firstRow + tokens);
    new Parameters()
        .values(matrix, (long) firstRow * matrix.columns() + inOut.column())
        .pointer(angles.frequencies())
        .numbers(matrix.columns(), heads, angles.headDim(), firstPosition)
        .launch(driver, "rotate", tokens, 1, THREADS);
  }
}
