package io.longreach.kernels.cuda;

import io.longreach.kernels.cuda.CudaMatrix.Element;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;

/**
 * Query, key and value as the kernels read them: where they are, or, for the tensor cores, copies
 * in bf16 whose rows begin at multiples of 16 bytes.
 */
record AttentionOperands(Operand query, Operand key, Operand value, boolean tensorCores)
    implements AutoCloseable {
  private static final int COPY_ELEMENTS = 8;

  /** A matrix from some element on. */
  record Operand(CudaMatrix matrix, long firstElement, boolean isCopy) {}

  /**
   * @param firstRow where the batch begins
   */
  static AttentionOperands of(
      AttentionInput input, int firstRow, int count, CudaRows rows, boolean tensorCores) {
    boolean fits = tensorCores && input.headDim() % COPY_ELEMENTS == 0;
    int width = input.heads() * input.headDim();
    Operand query = operand(input.query(), firstRow, count, width, rows, fits);
    Operand key = operand(input.key(), firstRow, count, width, rows, fits);
    Operand value = operand(input.value(), firstRow, count, width, rows, fits);
    return new AttentionOperands(query, key, value, fits);
  }

  private static Operand operand(
      View view, int firstRow, int count, int width, CudaRows rows, boolean forTensorCores) {
    CudaMatrix matrix = CudaMatrix.of(view.matrix());
    boolean aligned =
        matrix.element() == Element.BFLOAT16
            && matrix.columns() % COPY_ELEMENTS == 0
            && view.column() % COPY_ELEMENTS == 0;
    if (!forTensorCores || aligned) {
      return new Operand(matrix, (long) firstRow * matrix.columns() + view.column(), false);
    }
    CudaMatrix copy = rows.scratch(count, width, Element.BFLOAT16);
    rows.copy(
        CudaRows.Part.of(matrix, firstRow, view.column(), width),
        null,
        CudaRows.Part.of(copy, 0, 0, width),
        null,
        count,
        false);
    return new Operand(copy, 0, true);
  }

  @Override
  public void close() {
    for (Operand operand : new Operand[] {query, key, value}) {
      if (operand.isCopy()) {
        operand.matrix().close();
      }
    }
  }
}
