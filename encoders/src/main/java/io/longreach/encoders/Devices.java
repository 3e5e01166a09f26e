package io.longreach.encoders;

import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.device.Device;

/** Chooses the device of an embedder. */
final class Devices {
  private Devices() {}

  static Device open(String device, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException(
          "threads must be at least 1, was " + threads + ": give the cores of one task");
    }
    return switch (device) {
      case "auto", "cpu" -> CpuDevice.create(threads);
      case "cuda" ->
          throw new IllegalArgumentException(
              "device=cuda is not available here: use device=auto or device=cpu");
      default ->
          throw new IllegalArgumentException(
              "device must be auto, cpu or cuda, was '" + device + "': choose one of them");
    };
  }
}
