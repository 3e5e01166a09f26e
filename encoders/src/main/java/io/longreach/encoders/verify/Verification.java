package io.longreach.encoders.verify;

import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.cuda.CudaDevice;
import io.longreach.kernels.cuda.CudaException;
import io.longreach.kernels.cuda.Gpu;
import io.longreach.kernels.cuda.GpuDriver;
import io.longreach.kernels.cuda.Gpus;
import io.longreach.kernels.device.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Runs golden cases: every folder below a directory that holds a {@code case.safetensors}, on every
 * engine. A case that cannot be read or computed is a failure, and so is finding none.
 */
public final class Verification {
  private static final List<CaseRunner> RUNNERS = List.of(new AttentionCase(), new EncoderCase());

  private final List<Engine> engines = new ArrayList<>();

  private Verification() {}

  /** The double-precision reference, and the devices of this machine. */
  public static Verification onEverything(int threads) {
    return onReference().with(CpuDevice.create(threads));
  }

  /** The double-precision reference alone. */
  public static Verification onReference() {
    Verification verification = new Verification();
    verification.engines.add(new ReferenceEngine());
    return verification;
  }

  /**
   * The GPU of this machine in float32 and in bf16.
   *
   * @throws CudaException if there is none that works
   */
  public static Verification onGpu() {
    return new Verification().withGpu();
  }

  /**
   * The CUDA kernels on the host in float32, and in bf16 those for all GPUs and those for Hopper.
   *
   * @throws CudaException if there is no g++
   */
  public static Verification onCudaHost() {
    return on(CudaDevice.onHost(CudaDevice.Precision.FLOAT32, false))
        .withBf16(CudaDevice.onHost(CudaDevice.Precision.BFLOAT16, false))
        .withBf16(CudaDevice.onHost(CudaDevice.Precision.BFLOAT16, true));
  }

  /** A device alone. */
  public static Verification on(Device device) {
    return new Verification().with(device);
  }

  /** A device that multiplies in bf16, alone, held to what bf16 can do. */
  public static Verification onBf16(Device device) {
    return new Verification().withBf16(device);
  }

  /** One device more. */
  public Verification with(Device device) {
    engines.add(DeviceEngine.float32(device));
    return this;
  }

  /** One device more that multiplies in bf16. */
  private Verification withBf16(Device device) {
    engines.add(DeviceEngine.bf16(device));
    return this;
  }

  /** The GPU of this machine, in float32 and in bf16, with the bounds of each. */
  public Verification withGpu() {
    Gpu gpu = Gpus.at("");
    engines.add(
        DeviceEngine.gpu(new CudaDevice(GpuDriver.open(gpu), CudaDevice.Precision.FLOAT32)));
    return withBf16(new CudaDevice(GpuDriver.open(gpu), CudaDevice.Precision.BFLOAT16));
  }

  /**
   * Runs all cases below a directory in the order of their names.
   *
   * @param each is told every result as soon as it is there
   * @return all results, at least one
   */
  public List<CaseResult> run(Path directory, Consumer<CaseResult> each) {
    List<CaseResult> results = new ArrayList<>();
    Consumer<CaseResult> keep =
        result -> {
          results.add(result);
          each.accept(result);
        };
    List<Path> folders;
    try {
      folders = folders(directory);
    } catch (IOException | UncheckedIOException e) {
      keep.accept(failed(directory.toString(), "-", "the directory cannot be read: " + e));
      return results;
    }
    if (folders.isEmpty()) {
      String problem = "no " + GoldenCase.TENSORS + " below it: name the directory of the cases";
      keep.accept(failed(directory.toString(), "-", problem));
    }
    for (Path folder : folders) {
      String name = directory.relativize(folder).toString();
      run(folder, name.isEmpty() ? folder.toString() : name, keep);
    }
    return results;
  }

  private static List<Path> folders(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> file.endsWith(GoldenCase.TENSORS))
          .map(Path::getParent)
          .sorted()
          .toList();
    }
  }

  private void run(Path folder, String name, Consumer<CaseResult> each) {
    GoldenCase golden;
    try {
      golden = GoldenCase.read(folder);
    } catch (IOException | RuntimeException e) {
      engines.forEach(engine -> each.accept(failed(name, engine.name(), "cannot be read: " + e)));
      return;
    }
    for (Engine engine : engines) {
      each.accept(run(golden, name, engine));
    }
  }

  private static CaseResult run(GoldenCase golden, String name, Engine engine) {
    for (CaseRunner runner : RUNNERS) {
      if (runner.takes(golden)) {
        try {
          CaseRunner.Outcome outcome = runner.run(golden, engine);
          return new CaseResult(
              name, outcome.device(), outcome.maxAbsError(), outcome.bound(), null);
        } catch (RuntimeException e) {
          return failed(name, engine.name(), "cannot be computed: " + e);
        }
      }
    }
    return failed(name, engine.name(), "config.json describes no kind of case known here");
  }

  private static CaseResult failed(String name, String device, String problem) {
    return new CaseResult(name, device, Double.NaN, 0, problem);
  }
}
