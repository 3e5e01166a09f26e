package io.longreach.kernels.cuda;

import static io.longreach.kernels.cuda.CudaCall.check;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Page-locked host memory that bytes go through on their way to the GPU, so that copying does not
 * hold up the caller: each part is filled again only when the copies from it are done. Not
 * thread-safe.
 */
final class PinnedRing implements AutoCloseable {
  /** The largest piece that goes at once. */
  static final int PART_BYTES = 1 << 22;

  private static final int PARTS = 4;
  private static final int ALIGNMENT = 64;

  private final CUstream stream;
  private final List<Part> parts = new ArrayList<>();
  private int current;

  private static final class Part {
    private final PinnedBuffer memory = new PinnedBuffer(PART_BYTES);
    private int filled;
    private boolean busy;
  }

  PinnedRing(CUstream stream) {
    this.stream = stream;
    for (int i = 0; i < PARTS; i++) {
      parts.add(new Part());
    }
  }

  /** Starts copying the remaining bytes, at most {@link #PART_BYTES}, to the GPU. */
  void copy(ByteBuffer from, long address) {
    int bytes = from.remaining();
    Part part = parts.get(current);
    if (part.filled + bytes > PART_BYTES) {
      part.memory.record(stream);
      part.busy = true;
      current = (current + 1) % PARTS;
      part = parts.get(current);
      if (part.busy) {
        part.memory.await();
      }
      part.filled = 0;
      part.busy = false;
    }
    Pointer source = part.memory.put(from, part.filled);
    check(
        JCudaDriver.cuMemcpyHtoDAsync(DeviceAddress.of(address), source, bytes, stream),
        "copying to the GPU");
    part.filled += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  @Override
  public void close() {
    parts.forEach(part -> part.memory.close());
  }

  /** One piece of page-locked memory with the event behind its last use. */
  static final class PinnedBuffer implements AutoCloseable {
    private final Pointer pointer = new Pointer();
    private final ByteBuffer bytes;
    private final CUevent used = new CUevent();

    PinnedBuffer(int size) {
      check(JCudaDriver.cuMemAllocHost(pointer, size), "locking host memory");
      bytes = pointer.getByteBuffer(0, size);
      check(
          JCudaDriver.cuEventCreate(used, CUevent_flags.CU_EVENT_DISABLE_TIMING),
          "making an event");
    }

    Pointer put(ByteBuffer from, int at) {
      bytes.clear().position(at);
      bytes.put(from);
      return pointer.withByteOffset(at);
    }

    void take(ByteBuffer to, int count) {
      to.put(bytes.clear().limit(count));
    }

    Pointer pointer() {
      return pointer;
    }

    void record(CUstream stream) {
      check(JCudaDriver.cuEventRecord(used, stream), "recording an event");
    }

    void await() {
      check(JCudaDriver.cuEventSynchronize(used), "waiting for the GPU");
    }

    @Override
    public void close() {
      JCudaDriver.cuEventDestroy(used);
      JCudaDriver.cuMemFreeHost(pointer);
    }
  }
}
