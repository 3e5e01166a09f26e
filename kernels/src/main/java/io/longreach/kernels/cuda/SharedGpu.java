package io.longreach.kernels.cuda;

import io.longreach.kernels.device.Device;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A GPU that everybody in this process shares: one context, equal weights once whoever loads them,
 * and one pass at a time, so that the memory of a pass can be foreseen.
 */
public final class SharedGpu {
  /** Layers, norms and tables: what a model keeps. */
  private static final Set<String> WEIGHTS = Set.of("linear", "norm", "table");

  private static final int HASHED_FLOATS = 1 << 14;

  private static final Map<String, SharedGpu> OPEN = new HashMap<>();
  private static boolean hooked;

  private final String key;
  private final Device device;
  private final ReentrantLock permit = new ReentrantLock(true);
  private final Map<ByteBuffer, Reference<Object>> weights = new HashMap<>();
  private int users;

  private SharedGpu(String key, Device device) {
    this.key = key;
    this.device = device;
  }

  /**
   * Opens a GPU, or joins those who have it open.
   *
   * @param address see {@link Gpus#at}
   * @throws CudaException with the remedy if it cannot be used
   */
  public static SharedGpu open(String address, CudaDevice.Precision precision) {
    Gpu gpu = Gpus.at(address);
    synchronized (OPEN) {
      String key = gpu.uuid() + " " + precision;
      SharedGpu shared = OPEN.get(key);
      if (shared == null) {
        shared = new SharedGpu(key, new CudaDevice(GpuDriver.open(gpu), precision));
        OPEN.put(key, shared);
        closeWithTheProcess();
      }
      shared.users++;
      return shared;
    }
  }

  /** Shares any device; for tests. Closed by its last user. */
  public static SharedGpu of(Device device) {
    SharedGpu shared = new SharedGpu(null, device);
    shared.users = 1;
    return shared;
  }

  /** Kernels that still run when the process ends would outlive the memory they use. */
  private static void closeWithTheProcess() {
    if (!hooked) {
      hooked = true;
      Runtime.getRuntime().addShutdownHook(new Thread(SharedGpu::closeAll, "longreach-gpu-close"));
    }
  }

  private static void closeAll() {
    synchronized (OPEN) {
      OPEN.values().forEach(shared -> shared.device.close());
      OPEN.clear();
    }
  }

  /** What is left behind by the work of this thread, which has ended: permits and idle memory. */
  public static void endTask() {
    List<SharedGpu> all;
    synchronized (OPEN) {
      all = new ArrayList<>(OPEN.values());
    }
    all.forEach(SharedGpu::leave);
  }

  private void leave() {
    while (permit.isHeldByCurrentThread()) {
      permit.unlock();
    }
    if (permit.tryLock()) {
      try {
        device.trim();
      } finally {
        permit.unlock();
      }
    }
  }

  /**
   * The device for one user, who closes it. Weights that are equal to others' are theirs.
   *
   * <p>A proxy rather than a class: whatever operations a device has go straight to it.
   */
  public Device device() {
    return proxy(device, new boolean[1]);
  }

  private Device proxy(Device target, boolean[] closed) {
    return (Device)
        Proxy.newProxyInstance(
            Device.class.getClassLoader(),
            new Class<?>[] {Device.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close")) {
                if (!closed[0]) {
                  closed[0] = true;
                  release();
                }
                return null;
              }
              if (method.getName().equals("inFloat32")) {
                Device exact = target.inFloat32();
                return exact == target ? proxy : proxy(exact, closed);
              }
              return WEIGHTS.contains(method.getName()) && method.getReturnType() != void.class
                  ? shared(target, method, arguments)
                  : call(target, method, arguments);
            });
  }

  private static Object call(Device target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private Object shared(Device target, Method method, Object[] arguments) throws Throwable {
    ByteBuffer content = digest(target.name() + " " + method.getName(), arguments);
    synchronized (weights) {
      weights.values().removeIf(reference -> reference.get() == null);
      Reference<Object> known = weights.get(content);
      Object found = known == null ? null : known.get();
      if (found == null) {
        found = call(target, method, arguments);
        weights.put(content, new WeakReference<>(found));
      }
      return found;
    }
  }

  private static ByteBuffer digest(String name, Object[] arguments) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(name.getBytes(StandardCharsets.UTF_8));
      for (Object argument : arguments) {
        if (argument instanceof float[] values) {
          update(digest, values);
        } else {
          digest.update((byte) '/');
          digest.update(String.valueOf(argument).getBytes(StandardCharsets.UTF_8));
        }
      }
      return ByteBuffer.wrap(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void update(MessageDigest digest, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(HASHED_FLOATS * Float.BYTES);
    bytes.asFloatBuffer().put(0, new float[] {values.length});
    digest.update(bytes.array(), 0, Float.BYTES);
    for (int first = 0; first < values.length; first += HASHED_FLOATS) {
      int count = Math.min(HASHED_FLOATS, values.length - first);
      bytes.asFloatBuffer().put(values, first, count);
      digest.update(bytes.array(), 0, count * Float.BYTES);
    }
  }

  private void release() {
    synchronized (OPEN) {
      if (--users == 0) {
        OPEN.remove(key);
        device.close();
      }
    }
  }

  /**
   * Makes a pass when it is this thread's turn. All matrices that it makes are freed behind it.
   *
   * @param bytes that the pass will take, about
   * @throws CudaOutOfMemoryException before it begins if there is less memory, or on its way
   * @throws UncheckedIOException if interrupted while others have their turns
   */
  public void pass(long bytes, Runnable work) {
    try {
      permit.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(
          new InterruptedIOException("interrupted while waiting for " + device.name()));
    }
    try (Device.Scope scope = device.scope()) {
      long free = device.freeBytes();
      if (bytes > free) {
        throw new CudaOutOfMemoryException(
            String.format(
                "%s has %,d bytes free, this work needs about %,d", device.name(), free, bytes));
      }
      work.run();
    } finally {
      if (permit.isHeldByCurrentThread()) {
        permit.unlock();
      }
    }
  }
}
