package io.longreach.kernels.cuda;

import static io.longreach.kernels.cuda.CudaCall.check;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Device memory that is kept for reuse, because the driver's own allocation waits for the GPU.
 *
 * <p>Blocks are handed out to the copy stream, and come back when the compute stream will have used
 * them: a block carries the event behind its last use, and the copy stream waits for that event,
 * not for all the work there is. Not thread-safe; the context must be current.
 */
final class GpuHeap {
  private static final long UNIT = 512;

  /** Larger sizes are rounded up to one of so many steps between two powers of two. */
  private static final long STEPS = 8;

  /** Small blocks are allocated rather than waited for, up to so many of a size. */
  private static final long SMALL_BYTES = 1 << 20;

  private static final int SMALL_BLOCKS = 64;

  /** No number of launches: a copy to the block waits for all of them. */
  private static final long USED = -1;

  private final Gpu gpu;
  private final CUstream compute;
  private final CUstream copy;
  private final TreeMap<Long, Block> used = new TreeMap<>();
  private final Map<Long, ArrayDeque<Block>> idle = new HashMap<>();
  private final ArrayDeque<CUevent> events = new ArrayDeque<>();
  private UsePoint last;
  private long lastLaunch = -1;
  private long idleBytes;

  /** A place in the compute stream behind which blocks are free. */
  private static final class UsePoint {
    private final CUevent event;
    private int blocks;

    UsePoint(CUevent event) {
      this.event = event;
    }
  }

  /** Memory that a caller holds or may get. */
  private static final class Block {
    private final long address;
    private final long bytes;
    private long launches;
    private UsePoint free;

    Block(long address, long bytes) {
      this.address = address;
      this.bytes = bytes;
    }
  }

  GpuHeap(Gpu gpu, CUstream compute, CUstream copy) {
    this.gpu = gpu;
    this.compute = compute;
    this.copy = copy;
  }

  /**
   * Memory that the copy stream may write from now on, or the next launches.
   *
   * @param launches so far
   * @param byLaunches whether launches use it first: they wait for nothing, as they run in order
   */
  long allocate(long bytes, long launches, boolean byLaunches) {
    long size = sizeOf(bytes);
    Block block = reuse(size, byLaunches);
    if (block == null) {
      block = new Block(fresh(size), size);
    }
    block.launches = byLaunches ? USED : launches;
    used.put(block.address, block);
    return block.address;
  }

  static long sizeOf(long bytes) {
    long step = Math.max(UNIT, Long.highestOneBit(bytes) / STEPS);
    return (bytes + step - 1) / step * step;
  }

  private Block reuse(long size, boolean byLaunches) {
    ArrayDeque<Block> blocks = idle.get(size);
    Block block = blocks == null ? null : blocks.peekFirst();
    if (block == null) {
      return null;
    }
    boolean ready =
        byLaunches || JCudaDriver.cuEventQuery(block.free.event) == CUresult.CUDA_SUCCESS;
    if (!ready && size <= SMALL_BYTES && blocks.size() < SMALL_BLOCKS) {
      return null;
    }
    if (!ready) {
      check(JCudaDriver.cuStreamWaitEvent(copy, block.free.event, 0), "reusing memory");
    }
    blocks.removeFirst();
    idleBytes -= size;
    leave(block);
    return block;
  }

  private void leave(Block block) {
    UsePoint point = block.free;
    block.free = null;
    if (--point.blocks == 0 && point != last) {
      events.add(point.event);
    }
  }

  private long fresh(long size) {
    DeviceAddress address = new DeviceAddress();
    int result = JCudaDriver.cuMemAlloc(address, size);
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY && idleBytes > 0) {
      trim();
      result = JCudaDriver.cuMemAlloc(address, size);
    }
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw new CudaOutOfMemoryException(
          String.format(
              "GPU %d (%s) has no %,d bytes: %,d of %,d are free, this process holds %,d; give the"
                  + " GPU to fewer tasks at a time, or use device=cpu",
              gpu.address(), gpu.name(), size, freeBytes(), gpu.bytes(), usedBytes()));
    }
    check(result, "allocating memory of the GPU");
    return address.value();
  }

  private long usedBytes() {
    return used.values().stream().mapToLong(block -> block.bytes).sum();
  }

  /** Takes memory back that launches so far may use. */
  void free(long address, long launches) {
    Block block = used.remove(address);
    if (block == null) {
      throw new IllegalArgumentException("no memory begins at " + address);
    }
    if (last == null || lastLaunch != launches) {
      if (last != null && last.blocks == 0) {
        events.add(last.event);
      }
      last = new UsePoint(event());
      lastLaunch = launches;
      check(JCudaDriver.cuEventRecord(last.event, compute), "freeing memory");
    }
    last.blocks++;
    block.free = last;
    idle.computeIfAbsent(block.bytes, size -> new ArrayDeque<>()).add(block);
    idleBytes += block.bytes;
  }

  private CUevent event() {
    CUevent event = events.poll();
    if (event == null) {
      event = new CUevent();
      check(
          JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING),
          "making an event");
    }
    return event;
  }

  /** Whether launches may have used the memory since it was handed out. */
  boolean isUsed(long address, long launches) {
    Map.Entry<Long, Block> block = used.floorEntry(address);
    return block == null || block.getValue().launches != launches;
  }

  /** What can be allocated: the GPU's free memory and what is kept here. */
  long freeBytes() {
    long[] free = new long[1];
    long[] total = new long[1];
    check(JCudaDriver.cuMemGetInfo(free, total), "asking for the free memory");
    return free[0] + idleBytes;
  }

  /** Gives the memory back that is kept for reuse; waits for the GPU. */
  void trim() {
    for (ArrayDeque<Block> blocks : idle.values()) {
      for (Block block : blocks) {
        leave(block);
        check(JCudaDriver.cuMemFree(DeviceAddress.of(block.address)), "freeing memory");
      }
    }
    idle.clear();
    idleBytes = 0;
  }

  /** Frees everything; the streams must be done. */
  void close() {
    trim();
    used.values().forEach(block -> JCudaDriver.cuMemFree(DeviceAddress.of(block.address)));
    used.clear();
    if (last != null) {
      events.add(last.event);
      last = null;
    }
    events.forEach(JCudaDriver::cuEventDestroy);
    events.clear();
  }
}
