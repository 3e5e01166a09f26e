package io.longreach.kernels.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A kernel's parameter struct, written in the order of its fields and aligned as C aligns them. The
 * memory it names stays alive as long as the struct.
 */
final class Parameters {
  private static final int LIMIT_BYTES = 256;

  private final ByteBuffer bytes =
      ByteBuffer.allocateDirect(LIMIT_BYTES).order(ByteOrder.nativeOrder());
  private final List<Memory> named = new ArrayList<>();

  /** Null is a null pointer. */
  Parameters pointer(Memory memory) {
    align();
    if (memory != null) {
      named.add(memory);
    }
    bytes.putLong(memory == null ? 0 : memory.address());
    return this;
  }

  Parameters number(long value) {
    align();
    bytes.putLong(value);
    return this;
  }

  Parameters numbers(int... values) {
    for (int value : values) {
      bytes.putInt(value);
    }
    return this;
  }

  Parameters real(float value) {
    bytes.putFloat(value);
    return this;
  }

  /** A matrix whose elements the kernel loads by their type; null is none. */
  Parameters values(CudaMatrix matrix, long firstElement) {
    elements(matrix, firstElement);
    boolean isBf16 = matrix != null && matrix.element() == CudaMatrix.Element.BFLOAT16;
    return numbers(isBf16 ? 1 : 0, 0);
  }

  /** A pointer into a matrix of the type that the kernel is for. */
  Parameters elements(CudaMatrix matrix, long firstElement) {
    align();
    if (matrix == null) {
      return pointer(null);
    }
    named.add(matrix.memory());
    bytes.putLong(matrix.memory().address() + firstElement * matrix.element().bytes());
    return this;
  }

  /** A struct within the struct ends here: it holds pointers, so its size is a multiple of 8. */
  Parameters align() {
    bytes.position((bytes.position() + 7) & -8);
    return this;
  }

  void launch(CudaDriver driver, String kernel, int blocksX, int blocksY, int threads) {
    launch(driver, kernel, blocksX, blocksY, threads, 0);
  }

  /** The same with dynamic shared memory. */
  void launch(
      CudaDriver driver, String kernel, int blocksX, int blocksY, int threads, int sharedBytes) {
    if (blocksX == 0 || blocksY == 0) {
      return;
    }
    align();
    driver.launch(kernel, blocksX, blocksY, threads, sharedBytes, bytes.duplicate().flip());
    java.lang.ref.Reference.reachabilityFence(named);
  }
}
