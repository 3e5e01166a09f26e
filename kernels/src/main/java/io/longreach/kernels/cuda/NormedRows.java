package io.longreach.kernels.cuda;

import io.longreach.kernels.cuda.CudaMatrix.Element;

/**
 * What a norm wrote last, in bf16 as well: the layers behind it multiply that, and need not convert
 * it one by one. Each thread has its own.
 */
final class NormedRows {
  private final CudaRows rows;
  private final ThreadLocal<Normed> last = new ThreadLocal<>();

  private record Normed(CudaMatrix matrix, CudaMatrix operand) {}

  NormedRows(CudaRows rows) {
    this.rows = rows;
  }

  /** Where a norm is to write the bf16 rows of its result. */
  CudaMatrix operandFor(CudaMatrix result) {
    CudaMatrix known = operandOf(result);
    if (known != null) {
      return known;
    }
    forget();
    int stride = CudaLinearLayers.stride(result.columns());
    // Columns beyond those of the result stay zero.
    CudaMatrix operand = rows.zeros(result.rows(), stride, Element.BFLOAT16);
    last.set(new Normed(result, operand));
    return operand;
  }

  /** The bf16 rows of a matrix, or null. */
  CudaMatrix operandOf(CudaMatrix matrix) {
    Normed normed = last.get();
    return normed != null && normed.matrix.memory() == matrix.memory() ? normed.operand : null;
  }

  /** Says that a matrix holds something else now. */
  void wasWritten(CudaMatrix matrix) {
    if (operandOf(matrix) != null) {
      forget();
    }
  }

  void forget() {
    Normed normed = last.get();
    if (normed != null) {
      normed.operand.close();
      last.remove();
    }
  }
}
