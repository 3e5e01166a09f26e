package io.longreach.kernels.cuda;

import static io.longreach.kernels.cuda.Shapes.requireShape;
import static io.longreach.kernels.cuda.Shapes.requireSize;

import io.longreach.kernels.device.Device;

/** Packs and launches LayerNorms: a warp for each row, or a block where rows are wide. */
final class CudaNorms {
  private static final int THREADS = 128;
  private static final int NARROW_COLUMNS = 1024;

  private final CudaDriver driver;
  private final Memory.Pool pool;

  /** A norm on the device; shift may be null. */
  private record Packed(Memory scale, Memory shift, int columns, float epsilon)
      implements Device.Norm {}

  CudaNorms(CudaDriver driver, Memory.Pool pool) {
    this.driver = driver;
    this.pool = pool;
  }

  Device.Norm norm(float[] scale, float[] shift, float epsilon) {
    if (shift != null) {
      requireSize("shift", shift, scale.length);
    }
    Memory shifts = shift == null ? null : pool.of(shift);
    return new Packed(pool.of(scale), shifts, scale.length, epsilon);
  }

  /**
   * {@code out = LayerNorm(in + residual)}.
   *
   * @param residual may be null
   * @param operand gets the result in bf16, too; may be null
   */
  void addNorm(
      CudaMatrix in, CudaMatrix residual, Device.Norm layer, CudaMatrix out, CudaMatrix operand) {
    Packed norm = (Packed) layer;
    requireShape("in", in, in.rows(), norm.columns());
    requireShape("out", out, in.rows(), norm.columns());
    if (residual != null) {
      requireShape("residual", residual, in.rows(), norm.columns());
    }
    boolean narrow = norm.columns() <= NARROW_COLUMNS;
    int rowsPerBlock = narrow ? THREADS / 32 : 1;
    new Parameters()
        .values(in, 0)
        .values(residual, 0)
        .values(out, 0)
        .elements(operand, 0)
        .pointer(norm.scale())
        .pointer(norm.shift())
        .numbers(in.rows(), norm.columns())
        .real(norm.epsilon())
        .numbers(operand == null ? 0 : operand.columns())
        .launch(
            driver,
            narrow ? "addNormNarrow" : "addNormWide",
            CudaRows.blocks(in.rows(), rowsPerBlock),
            1,
            THREADS);
  }
}
