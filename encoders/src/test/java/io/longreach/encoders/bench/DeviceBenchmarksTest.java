package io.longreach.encoders.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.bench.DeviceBenchmarks.DeviceBenchmark;
import io.longreach.encoders.bench.DeviceBenchmarks.Sizes;
import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.device.Device;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Every benchmark of a device does its work, at sizes that take no time. */
class DeviceBenchmarksTest {

  @Test
  void everyOneRuns() {
    try (Device device = CpuDevice.create(1)) {
      Sizes small = new Sizes(1, List.of(600, 5000), 64, 32, 1, 512);
      DeviceBenchmarks benchmarks = new DeviceBenchmarks(() -> device, small, "x/");
      assertEquals(11, benchmarks.all().size());
      for (Supplier<DeviceBenchmark> open : benchmarks.all().values()) {
        try (DeviceBenchmark benchmark = open.get()) {
          benchmark.run();
          assertTrue(benchmark.name().startsWith("x/"), benchmark.name());
          assertTrue(benchmark.flops() > 0 && benchmark.tokens() > 0, benchmark.name());
        }
      }
    }
  }
}
