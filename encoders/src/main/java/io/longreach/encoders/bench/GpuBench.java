package io.longreach.encoders.bench;

import io.longreach.encoders.bench.DeviceBenchmarks.DeviceBenchmark;
import io.longreach.encoders.bench.DeviceBenchmarks.Sizes;
import io.longreach.encoders.verify.CaseResult;
import io.longreach.encoders.verify.Verification;
import io.longreach.kernels.bench.BenchmarkResult;
import io.longreach.kernels.bench.BenchmarkRunner;
import io.longreach.kernels.bench.BenchmarkRunner.Effort;
import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.cpu.VectorPeak;
import io.longreach.kernels.cuda.CudaDevice;
import io.longreach.kernels.cuda.CudaException;
import io.longreach.kernels.cuda.Gpu;
import io.longreach.kernels.cuda.GpuDriver;
import io.longreach.kernels.cuda.Gpus;
import io.longreach.kernels.device.Device;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The bench that goes to a bare GPU machine: golden cases first, then the timings, as two tables.
 * Without a GPU it says so, and the CPU does both.
 */
public final class GpuBench {
  private final PrintStream out;
  private final Effort effort;
  private final boolean timed;
  private int failures;

  private GpuBench(PrintStream out, Effort effort, boolean timed) {
    this.out = out;
    this.effort = effort;
    this.timed = timed;
  }

  /**
   * Prints both tables. The status is 1 if a case fails, 2 for wrong arguments.
   *
   * @param arguments the folder of the golden cases; {@code --quick} for short measurements, {@code
   *     --cases} for none
   */
  public static void main(String[] arguments) {
    List<String> given = new ArrayList<>(List.of(arguments));
    boolean quick = given.remove("--quick");
    boolean timed = !given.remove("--cases");
    if (given.size() != 1 || !Files.isDirectory(Path.of(given.get(0)))) {
      System.err.println("usage: GpuBench GOLDEN_FOLDER [--quick | --cases]");
      System.exit(2);
    }
    GpuBench bench = new GpuBench(System.out, quick ? Effort.QUICK : Effort.FULL, timed);
    bench.run(Path.of(given.get(0)));
    System.out.flush();
    if (bench.failures > 0) {
      System.exit(1);
    }
  }

  private void run(Path golden) {
    Optional<Device> gpu = gpu();
    if (gpu.isPresent()) {
      try (Device device = gpu.get()) {
        out.println("Device: " + device.name());
        verify(Verification.onGpu(), golden);
        if (timed) {
          time(device, Sizes.GPU, peak());
        }
      } finally {
        out.println();
      }
    } else {
      verify(Verification.onEverything(1), golden);
    }
    if (!timed) {
      return;
    }
    int cores = Runtime.getRuntime().availableProcessors();
    try (Device cpu = CpuDevice.create(cores)) {
      out.println("Device: " + cpu.name() + ", " + cores + " cores");
      time(cpu, Sizes.CPU, 0);
    }
  }

  private double peak() {
    Gpu gpu = Gpus.at("");
    out.printf(
        Locale.ROOT,
        "Peak of its tensor cores: %.0f TFLOP/s in bf16 (%d multiprocessors at %.0f MHz)%n",
        gpu.tensorFlops() / 1e12,
        gpu.multiprocessors(),
        gpu.hertz() / 1e6);
    return gpu.tensorFlops();
  }

  private Optional<Device> gpu() {
    try {
      GpuDriver driver = GpuDriver.open(Gpus.at(""));
      return Optional.of(new CudaDevice(driver, CudaDevice.Precision.BFLOAT16));
    } catch (CudaException e) {
      out.println("No GPU: " + e.getMessage());
      out.println("These tables are the CPU's.");
      return Optional.empty();
    }
  }

  private void verify(Verification verification, Path golden) {
    out.println();
    out.println("| Golden case | Device | Largest error | Allowed | |");
    out.println("|---|---|---:|---:|---|");
    List<CaseResult> results = verification.run(golden, this::print);
    long failed = results.stream().filter(result -> !result.passed()).count();
    failures += (int) failed;
    out.printf("%n%d of %d passed%n", results.size() - failed, results.size());
  }

  private void print(CaseResult result) {
    out.printf(
        Locale.ROOT,
        "| %s | %s | %.1e | %.0e | %s |%n",
        result.name(),
        result.device(),
        result.maxAbsError(),
        result.bound(),
        result.passed()
            ? "passed"
            : "**failed** " + (result.problem() == null ? "" : result.problem()));
    out.flush();
  }

  /**
   * @param peak FLOP/s, 0 where it is not known
   */
  private void time(Device device, Sizes sizes, double peak) {
    BenchmarkRunner runner = new BenchmarkRunner(new VectorPeak(), effort);
    out.println();
    out.println("| Work | ms | tokens/s | TFLOP/s | of the peak | bytes moved at least | GB/s |");
    out.println("|---|---:|---:|---:|---:|---:|---:|");
    Map<String, Supplier<DeviceBenchmark>> all =
        new DeviceBenchmarks(() -> device, sizes, "").all();
    all.forEach((name, open) -> time(runner, name, open, peak));
  }

  private void time(
      BenchmarkRunner runner, String name, Supplier<DeviceBenchmark> open, double peak) {
    try (DeviceBenchmark benchmark = open.get()) {
      BenchmarkResult result = runner.measure(benchmark);
      double seconds = result.seconds();
      out.printf(
          Locale.ROOT,
          "| %s | %.3f | %,.0f | %.3f | %s | %s | %s |%n",
          name,
          1e3 * seconds,
          benchmark.tokens() / seconds,
          benchmark.flops() / seconds / 1e12,
          unless(peak == 0, "%.2f", benchmark.flops() / seconds / peak),
          unless(benchmark.bytes() == 0, "%,.0f", benchmark.bytes()),
          unless(benchmark.bytes() == 0, "%.1f", benchmark.bytes() / seconds / 1e9));
    } catch (CudaException e) {
      failures++;
      out.printf("| %s | failed: %s | | | | | |%n", name, e.getMessage());
    }
    out.flush();
  }

  private static String unless(boolean absent, String format, double value) {
    return absent ? "" : String.format(Locale.ROOT, format, value);
  }
}
