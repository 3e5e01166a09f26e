package io.longreach.kernels.cuda;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device;
import java.util.Arrays;
import java.util.List;

/** Packs and launches rotary positions. */
final class CudaRotations {
  private static final int THREADS = 64;
  private static final int NO_POSITION = -1;

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
    launch(inOut, heads, (Packed) rotation, firstRow, tokens, null, firstPosition);
  }

  /** Documents anywhere among the rows. */
  void rotate(
      AttentionInput.View inOut,
      int heads,
      Device.Rotation rotation,
      List<Device.PlacedRows> documents) {
    if (documents.isEmpty()) {
      return;
    }
    RowRange range = RowRange.of(documents);
    int[] positions = new int[range.count()];
    Arrays.fill(positions, NO_POSITION);
    for (Device.PlacedRows document : documents) {
      int first = document.firstRow() - range.firstRow();
      for (int token = 0; token < document.tokens(); token++) {
        positions[first + token] = token;
      }
    }
    try (Memory uploaded = pool.of(positions)) {
      launch(inOut, heads, (Packed) rotation, range.firstRow(), positions.length, uploaded, 0);
    }
  }

  private void launch(
      AttentionInput.View inOut,
      int heads,
      Packed angles,
      int firstRow,
      int tokens,
      Memory positions,
      int firstPosition) {
    CudaMatrix matrix = CudaMatrix.of(inOut.matrix());
    CudaAttention.requireView("inOut", inOut, heads * angles.headDim(), firstRow + tokens);
    new Parameters()
        .values(matrix, (long) firstRow * matrix.columns() + inOut.column())
        .pointer(angles.frequencies())
        .pointer(positions)
        .numbers(matrix.columns(), heads, angles.headDim(), firstPosition)
        .launch(driver, "rotate", tokens, 1, THREADS);
  }
}
