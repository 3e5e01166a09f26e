package io.longreach.encoders;

import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.cuda.CudaDevice;
import io.longreach.kernels.cuda.CudaException;
import io.longreach.kernels.cuda.Gpus;
import io.longreach.kernels.cuda.SharedGpu;
import io.longreach.kernels.device.Device;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the device of an embedder. */
final class Devices {
  private static final Logger LOG = LoggerFactory.getLogger(Devices.class);
  private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

  /** {@code bf16}, the default, or {@code float32}. */
  private static final String PRECISION = "longreach.cuda.precision";

  private Devices() {}

  static Device cpu(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException(
          "threads must be at least 1, was " + threads + ": give the cores of one task");
    }
    return CpuDevice.create(threads);
  }

  /**
   * The GPU that a device's name means; empty for the CPU.
   *
   * @throws IllegalArgumentException if it must be a GPU and there is none that works
   */
  static Optional<SharedGpu> gpu(DeviceName name) {
    if (name.kind() == DeviceName.Kind.CPU) {
      return Optional.empty();
    }
    boolean automatic = name.kind() == DeviceName.Kind.AUTO;
    if (automatic && name.address().isEmpty() && !Gpus.find().driver()) {
      // Most machines have no GPU: that is worth no warning.
      LOG.debug("device=auto is the CPU: {}", Gpus.find().problem());
      return Optional.empty();
    }
    try {
      return Optional.of(SharedGpu.open(name.address(), precision()));
    } catch (CudaException e) {
      cpuInstead(name, e);
      return Optional.empty();
    }
  }

  /**
   * The CPU takes over where that is allowed.
   *
   * @throws IllegalArgumentException where it must be the GPU
   */
  static void cpuInstead(DeviceName name, CudaException failure) {
    if (name.kind() != DeviceName.Kind.AUTO) {
      throw new IllegalArgumentException(
          "device=" + name + " cannot be used: " + failure.getMessage(), failure);
    }
    warnOnce("device=" + name + " is the CPU here: " + failure.getMessage());
  }

  /** The same message again would only bury it. */
  static void warnOnce(String message) {
    if (WARNED.add(message)) {
      LOG.warn(message);
    }
  }

  private static CudaDevice.Precision precision() {
    String text = System.getProperty(PRECISION, "bf16");
    return switch (text) {
      case "bf16" -> CudaDevice.Precision.BFLOAT16;
      case "float32" -> CudaDevice.Precision.FLOAT32;
      default ->
          throw new IllegalArgumentException(
              PRECISION + " must be bf16 or float32, was '" + text + "': choose one of them");
    };
  }
}
