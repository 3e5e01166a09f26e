package io.longreach.kernels.cuda;

import java.nio.ByteBuffer;

/**
 * What the device needs of a GPU: memory, copies and launches, in the order of the calls. Thread-
 * safe.
 */
public interface CudaDriver extends AutoCloseable {

  /** For people: the GPU's name, or {@code host}. */
  String name();

  /**
   * Zeroed device memory.
   *
   * @throws CudaOutOfMemoryException if there is not enough
   */
  long allocate(long bytes);

  /**
   * Device memory that holds anything, for what kernels write before anybody reads it: clearing it
   * would take as long as writing it.
   *
   * @throws CudaOutOfMemoryException if there is not enough
   */
  long allocateScratch(long bytes);

  void free(long address);

  /** Copies the remaining bytes of a buffer to the device. */
  void write(long address, ByteBuffer from);

  /** Fills the remaining bytes of a buffer from the device, after all launches so far. */
  void read(long address, ByteBuffer to);

  /**
   * Starts a kernel.
   *
   * @param sharedBytes of dynamic shared memory for each block, a multiple of 16; may exceed the 48
   *     KiB that a kernel gets unasked
   * @param parameters the bytes of the one struct that every kernel takes
   */
  void launch(
      String kernel, int blocksX, int blocksY, int threads, int sharedBytes, ByteBuffer parameters);

  /** Blocks that run at the same time, at least: a launch with fewer leaves some idle. */
  int multiprocessors();

  /**
   * Whether it has products of whole warpgroups ({@code wgmma}, compute capability 9.0): then the
   * kernels are those named Hopper.
   */
  boolean hasWarpgroups();

  /** Waits for all launches so far. */
  default void synchronize() {}

  /** Bytes that can be allocated now, as far as is known. */
  default long freeBytes() {
    return Long.MAX_VALUE;
  }

  /** Gives memory back that is kept for reuse. */
  default void trim() {}

  @Override
  void close();
}
