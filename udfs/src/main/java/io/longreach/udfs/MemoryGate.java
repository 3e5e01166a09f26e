package io.longreach.udfs;

import java.util.concurrent.Semaphore;

/**
 * Admits documents to an executor's memory before they are encoded: what runs at the same time is
 * predicted to fit, and a document that never would is refused instead of taking the executor with
 * it. Shared by all tasks of the executor; first come, first served.
 */
public final class MemoryGate {
  /** The other half is for texts, weights, and Spark. */
  private static final int HEAP_SHARE = 2;

  private static final long UNIT_BYTES = 64 << 10;
  private static final MemoryGate EXECUTOR =
      new MemoryGate(Runtime.getRuntime().maxMemory() / HEAP_SHARE);

  private final int capacity;
  private final Semaphore free;

  /** A place in memory, given back when closed. */
  @FunctionalInterface
  public interface Admission extends AutoCloseable {
    @Override
    void close();
  }

  public MemoryGate(long capacityBytes) {
    this.capacity = (int) Math.min(Integer.MAX_VALUE, capacityBytes / UNIT_BYTES);
    this.free = new Semaphore(capacity, true);
  }

  /** The gate of this JVM: half of its heap. */
  public static MemoryGate ofExecutor() {
    return EXECUTOR;
  }

  public long capacityBytes() {
    return capacity * UNIT_BYTES;
  }

  /**
   * Waits until so many bytes are free and takes them. A task must give back what it has before it
   * asks again.
   *
   * @throws IllegalArgumentException if they are more than there can ever be
   */
  public Admission admit(long bytes) throws InterruptedException {
    long units = (bytes + UNIT_BYTES - 1) / UNIT_BYTES;
    if (units > capacity) {
      throw new IllegalArgumentException(
          "it would take "
              + (bytes >> 20)
              + " MiB of the "
              + (capacityBytes() >> 20)
              + " MiB that are for encoding, half of the heap: use a pattern of bounded reach such"
              + " as window(256), set a maximum of tokens, or give the executor more memory");
    }
    free.acquire((int) units);
    return () -> free.release((int) units);
  }
}
