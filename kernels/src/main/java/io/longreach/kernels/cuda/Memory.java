package io.longreach.kernels.cuda;

import io.longreach.kernels.device.Device;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

/**
 * Device memory: freed when closed, or after nobody refers to it any more, at the next allocation.
 */
final class Memory implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final int CHUNK_BYTES = 1 << 22;
  private static final int CLEANER_SECONDS = 2;
  private static final int CLEANER_MILLIS = 20;

  private final CudaDriver driver;
  private final long address;
  private final Cleaner.Cleanable cleanable;

  private Memory(CudaDriver driver, long address, Queue<Long> unused) {
    this.driver = driver;
    this.address = address;
    this.cleanable = CLEANER.register(this, () -> unused.add(address));
  }

  long address() {
    return address;
  }

  @Override
  public void close() {
    cleanable.clean();
  }

  private interface Put {
    void put(ByteBuffer chunk, int first, int count);
  }

  /** In chunks: values may be more than a direct buffer should hold. */
  private void write(int count, int valueBytes, Put put) {
    int perChunk = CHUNK_BYTES / valueBytes;
    ByteBuffer chunk = chunk(Math.min(count, perChunk) * valueBytes);
    for (int first = 0; first < count; first += perChunk) {
      int here = Math.min(perChunk, count - first);
      chunk.clear();
      put.put(chunk, first, here);
      chunk.limit(here * valueBytes);
      driver.write(address + (long) first * valueBytes, chunk);
    }
  }

  private static ByteBuffer chunk(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** Reads values {@code first .. first + to.length - 1}. */
  void read(long first, float[] to) {
    int perChunk = CHUNK_BYTES / Float.BYTES;
    ByteBuffer chunk = chunk(Math.min(to.length, perChunk) * Float.BYTES);
    for (int done = 0; done < to.length; done += perChunk) {
      int here = Math.min(perChunk, to.length - done);
      chunk.clear().limit(here * Float.BYTES);
      driver.read(address + (first + done) * Float.BYTES, chunk);
      chunk.flip();
      chunk.asFloatBuffer().get(to, done, here);
    }
  }

  /** Hands out a driver's memory. */
  static final class Pool {
    private final CudaDriver driver;
    private final Queue<Long> unused = new ConcurrentLinkedQueue<>();
    private final ThreadLocal<List<Cleaner.Cleanable>> scopes = new ThreadLocal<>();

    Pool(CudaDriver driver) {
      this.driver = driver;
    }

    Memory zeros(long bytes) {
      return allocate(bytes, driver::allocate);
    }

    /** Memory that holds anything, and that kernels write first. */
    Memory scratch(long bytes) {
      return allocate(bytes, driver::allocateScratch);
    }

    private Memory allocate(long bytes, LongUnaryOperator addressOf) {
      freeUnused();
      long atLeast = Math.max(bytes, 8);
      try {
        return new Memory(driver, addressOf.applyAsLong(atLeast), unused);
      } catch (CudaOutOfMemoryException full) {
        collect();
        freeUnused();
        return new Memory(driver, addressOf.applyAsLong(atLeast), unused);
      }
    }

    /** Matrices that nobody refers to hold memory until the collector has seen them. */
    private static void collect() {
      CountDownLatch cleaned = new CountDownLatch(1);
      CLEANER.register(new Object(), cleaned::countDown);
      System.gc();
      try {
        // The cleaner works behind the collector: what was found with this object is nearly done.
        if (cleaned.await(CLEANER_SECONDS, TimeUnit.SECONDS)) {
          Thread.sleep(CLEANER_MILLIS);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Memory that ends with the scope of this thread, if there is one. */
    Memory scoped(Memory memory) {
      List<Cleaner.Cleanable> own = scopes.get();
      if (own != null) {
        own.add(memory.cleanable);
      }
      return memory;
    }

    /** A scope of this thread: memory given to it is freed when it is closed. */
    Device.Scope scope() {
      List<Cleaner.Cleanable> outer = scopes.get();
      List<Cleaner.Cleanable> own = new ArrayList<>();
      scopes.set(own);
      return () -> {
        scopes.set(outer);
        own.forEach(Cleaner.Cleanable::clean);
        freeUnused();
      };
    }

    private void freeUnused() {
      for (Long address = unused.poll(); address != null; address = unused.poll()) {
        driver.free(address);
      }
    }

    Memory of(float[] values) {
      Memory memory = zeros((long) values.length * Float.BYTES);
      memory.write(
          values.length, Float.BYTES, (to, at, n) -> to.asFloatBuffer().put(values, at, n));
      return memory;
    }

    Memory of(double[] values) {
      Memory memory = zeros((long) values.length * Double.BYTES);
      memory.write(
          values.length, Double.BYTES, (to, at, n) -> to.asDoubleBuffer().put(values, at, n));
      return memory;
    }

    Memory of(int[] values) {
      Memory memory = zeros((long) values.length * Integer.BYTES);
      memory.write(
          values.length, Integer.BYTES, (to, at, n) -> to.asIntBuffer().put(values, at, n));
      return memory;
    }

    Memory of(long[] values) {
      Memory memory = zeros((long) values.length * Long.BYTES);
      memory.write(values.length, Long.BYTES, (to, at, n) -> to.asLongBuffer().put(values, at, n));
      return memory;
    }
  }
}
