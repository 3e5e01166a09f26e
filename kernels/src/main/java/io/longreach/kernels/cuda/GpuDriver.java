package io.longreach.kernels.cuda;

import static io.longreach.kernels.cuda.CudaCall.check;

import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * A GPU through the CUDA driver API, by JCuda.
 *
 * <p>Three streams: kernels run on one, host memory is copied to the GPU on the second and back on
 * the third. What the kernels need to wait for is kept by events, so that the arrays of the next
 * launch travel while this one computes. All host memory that is copied is page-locked.
 *
 * <p>Calls may come from any thread. A call that waits for the GPU, which is {@link #read} and
 * {@link #synchronize}, does not hold up others.
 */
public final class GpuDriver implements CudaDriver {
  /** Shared memory beyond this must be asked for, kernel by kernel. */
  private static final int SHARED_BYTES = 48 << 10;

  private static final int READS_AT_ONCE = 2;
  private static final int MOST_BLOCKS_Y = 65_535;

  private final Gpu gpu;
  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();
  private final CUstream compute;
  private final CUstream upload;
  private final CUstream download;
  private final CUevent uploaded;
  private final CUevent computed;
  private final PtxModules modules;
  private final GpuHeap heap;
  private final PinnedRing ring;
  private final BlockingQueue<PinnedRing.PinnedBuffer> reads =
      new ArrayBlockingQueue<>(READS_AT_ONCE);

  private long launches;

  /** Whether the upload stream holds what the compute stream does not wait for yet. */
  private boolean uploading;

  private boolean closed;

  private GpuDriver(Gpu gpu) {
    this.gpu = gpu;
    check(JCudaDriver.cuDeviceGet(device, gpu.ordinal()), "opening GPU " + gpu.address());
    check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "opening GPU " + gpu.address());
    check(JCudaDriver.cuCtxSetCurrent(context), "opening GPU " + gpu.address());
    try {
      compute = stream();
      upload = stream();
      download = stream();
      uploaded = event();
      computed = event();
      modules = new PtxModules(gpu.hasWarpgroups());
      heap = new GpuHeap(gpu, compute, upload);
      ring = new PinnedRing(upload);
      for (int i = 0; i < READS_AT_ONCE; i++) {
        reads.add(new PinnedRing.PinnedBuffer(PinnedRing.PART_BYTES));
      }
    } catch (RuntimeException e) {
      // The context takes with it what was made in it.
      JCudaDriver.cuDevicePrimaryCtxRelease(device);
      throw e;
    }
  }

  /**
   * Opens a GPU and compiles the kernels for it, which takes seconds the first time on a machine.
   *
   * @throws CudaException with the remedy if it cannot be used
   */
  public static GpuDriver open(Gpu gpu) {
    return new GpuDriver(gpu);
  }

  private static CUstream stream() {
    CUstream stream = new CUstream();
    check(
        JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING),
        "making a stream");
    return stream;
  }

  private static CUevent event() {
    CUevent event = new CUevent();
    check(
        JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING), "making an event");
    return event;
  }

  @Override
  public int multiprocessors() {
    return gpu.multiprocessors();
  }

  @Override
  public boolean hasWarpgroups() {
    return gpu.hasWarpgroups();
  }

  @Override
  public String name() {
    return "cuda:" + gpu.address() + " " + gpu.name();
  }

  /** Every thread has a current context of its own. */
  private void enter() {
    if (closed) {
      throw new CudaException("GPU " + gpu.address() + " was closed: open it again");
    }
    check(JCudaDriver.cuCtxSetCurrent(context), "using GPU " + gpu.address());
  }

  @Override
  public synchronized long allocate(long bytes) {
    enter();
    long address = heap.allocate(bytes, launches, false);
    check(
        JCudaDriver.cuMemsetD8Async(DeviceAddress.of(address), (byte) 0, bytes, upload),
        "clearing memory");
    uploading = true;
    return address;
  }

  @Override
  public synchronized long allocateScratch(long bytes) {
    enter();
    return heap.allocate(bytes, launches, true);
  }

  @Override
  public synchronized void free(long address) {
    if (closed) {
      return;
    }
    enter();
    // What is still on its way there must not come after the next owner's.
    awaitUploads();
    heap.free(address, launches);
  }

  private void awaitUploads() {
    if (uploading) {
      check(JCudaDriver.cuEventRecord(uploaded, upload), "recording an event");
      check(JCudaDriver.cuStreamWaitEvent(compute, uploaded, 0), "waiting for a copy");
      uploading = false;
    }
  }

  @Override
  public synchronized void write(long address, ByteBuffer from) {
    enter();
    if (heap.isUsed(address, launches)) {
      check(JCudaDriver.cuEventRecord(computed, compute), "recording an event");
      check(JCudaDriver.cuStreamWaitEvent(upload, computed, 0), "waiting for kernels");
    }
    int end = from.limit();
    for (int at = from.position(); at < end; at += PinnedRing.PART_BYTES) {
      from.limit(Math.min(end, at + PinnedRing.PART_BYTES));
      ring.copy(from, address);
      address += PinnedRing.PART_BYTES;
    }
    uploading = true;
  }

  @Override
  public void read(long address, ByteBuffer to) {
    PinnedRing.PinnedBuffer buffer = takeBuffer();
    try {
      while (to.hasRemaining()) {
        int bytes = Math.min(to.remaining(), PinnedRing.PART_BYTES);
        startRead(address, buffer, bytes);
        buffer.await();
        buffer.take(to, bytes);
        address += bytes;
      }
    } finally {
      reads.add(buffer);
    }
  }

  private PinnedRing.PinnedBuffer takeBuffer() {
    try {
      return reads.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(
          new InterruptedIOException("interrupted while waiting for GPU " + gpu.address()));
    }
  }

  private synchronized void startRead(long address, PinnedRing.PinnedBuffer buffer, int bytes) {
    enter();
    awaitUploads();
    check(JCudaDriver.cuEventRecord(computed, compute), "recording an event");
    check(JCudaDriver.cuStreamWaitEvent(download, computed, 0), "waiting for kernels");
    check(
        JCudaDriver.cuMemcpyDtoHAsync(buffer.pointer(), DeviceAddress.of(address), bytes, download),
        "copying from the GPU");
    buffer.record(download);
  }

  @Override
  public synchronized void launch(
      String kernel,
      int blocksX,
      int blocksY,
      int threads,
      int sharedBytes,
      ByteBuffer parameters) {
    if (blocksY > MOST_BLOCKS_Y) {
      throw new CudaException(
          kernel + " must have at most 65,535 rows of blocks, had " + blocksY + ": use less work");
    }
    enter();
    awaitUploads();
    PtxModules.Kernel found = modules.kernel(kernel, parameters.remaining());
    if (sharedBytes > SHARED_BYTES) {
      check(
          JCudaDriver.cuFuncSetAttribute(
              found.function(),
              CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
              sharedBytes),
          "asking for shared memory of " + kernel);
    }
    check(
        JCudaDriver.cuLaunchKernel(
            found.function(),
            blocksX,
            blocksY,
            1,
            threads,
            1,
            1,
            sharedBytes,
            compute,
            Pointer.to(Pointer.toBuffer(parameters)),
            null),
        "starting " + kernel);
    launches++;
  }

  @Override
  public void synchronize() {
    synchronized (this) {
      enter();
      awaitUploads();
    }
    check(JCudaDriver.cuStreamSynchronize(compute), "waiting for the GPU");
  }

  @Override
  public synchronized long freeBytes() {
    enter();
    return heap.freeBytes();
  }

  @Override
  public synchronized void trim() {
    if (!closed) {
      enter();
      awaitUploads();
      heap.trim();
    }
  }

  /** Waits for the kernels under way, frees everything on the GPU and lets go of it. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    enter();
    JCudaDriver.cuStreamSynchronize(upload);
    JCudaDriver.cuStreamSynchronize(compute);
    JCudaDriver.cuStreamSynchronize(download);
    closed = true;
    heap.close();
    ring.close();
    reads.forEach(PinnedRing.PinnedBuffer::close);
    modules.close();
    JCudaDriver.cuEventDestroy(uploaded);
    JCudaDriver.cuEventDestroy(computed);
    JCudaDriver.cuStreamDestroy(compute);
    JCudaDriver.cuStreamDestroy(upload);
    JCudaDriver.cuStreamDestroy(download);
    JCudaDriver.cuDevicePrimaryCtxRelease(device);
  }
}
