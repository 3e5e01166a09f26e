package io.longreach.kernels.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The CUDA sources compiled by g++, in a folder of their own. Starts as often as wanted. */
final class HostProgram {
  private static final List<String> SOURCES =
      List.of(
          "device.cuh",
          "tensor.cuh",
          "product.cuh",
          "favor.cuh",
          "favor.cu",
          "favorQueries.cu",
          "attention.cuh",
          "attention.cu",
          "attentionTiles.cuh",
          "attentionSoftmax.cuh",
          "hopper.cuh",
          "attentionHopper.cu",
          "attentionTensor.cu",
          "linear.cuh",
          "linearTiles.cuh",
          "linear.cu",
          "linearTensor.cu",
          "linearHopper.cu",
          "lsh.cu",
          "rows.cu",
          "host.hpp",
          "host.cpp",
          "hostCommands.cpp",
          "hostKernels.cpp",
          "hostRaces.cpp");

  /** All but the kernels, which may be compiled apart. */
  private static final List<String> HOST = List.of("host.cpp", "hostCommands.cpp", "hostRaces.cpp");

  /** What the program looks for while it runs the kernels. */
  enum Check {
    /** Accesses outside of memory, and undefined behaviour. */
    MEMORY,
    /** Threads that touch what others write, with no barrier between. */
    RACES
  }

  private final Path folder;

  private HostProgram(Path folder) {
    this.folder = folder;
  }

  /**
   * Compiles, which takes seconds.
   *
   * @param extra a source with kernels of its own, named by its macro {@code EXTRA_KERNELS}; or
   *     null
   * @throws CudaException if there is no g++ or it fails
   */
  static HostProgram compile(Check check, Path extra) {
    if (!HostDriver.available()) {
      throw new CudaException(
          "the device cuda-host needs a C++ compiler, and g++ is not on the PATH: install g++");
    }
    try {
      Path folder = Files.createTempDirectory("longreach-cuda-host");
      for (String source : SOURCES) {
        try (InputStream from = HostProgram.class.getResourceAsStream("source/" + source)) {
          Files.copy(from, folder.resolve(source));
        }
      }
      HostProgram program = new HostProgram(folder);
      List<String> more =
          extra == null
              ? List.of()
              : List.of("-I.", "-DEXTRA_SOURCE=\"" + extra.toAbsolutePath() + "\"");
      if (check == Check.MEMORY) {
        program.compile(more, "-fsanitize=address,undefined", "-fno-sanitize-recover=all");
      } else {
        program.compileForRaces(more);
      }
      return program;
    } catch (IOException e) {
      throw new CudaException("cuda-host cannot be compiled: " + e.getMessage(), e);
    }
  }

  private void compile(List<String> more, String... checks) throws IOException {
    List<String> arguments = new ArrayList<>(more);
    arguments.addAll(List.of(checks));
    arguments.addAll(HOST);
    arguments.addAll(List.of("hostKernels.cpp", "-o", "host"));
    compile(arguments);
  }

  /**
   * The kernels announce their accesses as if to ThreadSanitizer, whose place {@code hostRaces.cpp}
   * takes: no sanitizer is linked.
   */
  private void compileForRaces(List<String> more) throws IOException {
    List<String> kernels = new ArrayList<>(more);
    kernels.addAll(List.of("-fsanitize=thread", "-c", "hostKernels.cpp", "-o", "kernels.o"));
    compile(kernels);
    List<String> program = new ArrayList<>(List.of("-DCHECK_RACES", "-no-pie"));
    program.addAll(HOST);
    program.addAll(List.of("kernels.o", "-o", "host"));
    compile(program);
  }

  private void compile(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("g++", "-std=c++17", "-O1", "-g"));
    command.addAll(List.of("-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas"));
    command.add("-Wno-unused-function");
    command.addAll(arguments);
    Path log = folder.resolve("compile.txt");
    Process compiler =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      if (compiler.waitFor() != 0) {
        throw new CudaException("g++ cannot compile the kernels:\n" + Files.readString(log));
      }
    } catch (InterruptedException e) {
      compiler.destroy();
      Thread.currentThread().interrupt();
      throw new CudaException("interrupted while compiling the kernels", e);
    }
  }

  /**
   * A process of the program.
   *
   * @param warpgroups as {@link CudaDriver#hasWarpgroups}
   */
  HostDriver start(boolean warpgroups) {
    try {
      Path errors = Files.createTempFile(folder, "errors", ".txt");
      ProcessBuilder run = new ProcessBuilder(folder.resolve("host").toString());
      run.environment().put("ASAN_OPTIONS", "detect_leaks=0");
      run.redirectError(errors.toFile());
      return new HostDriver(run.start(), errors, warpgroups);
    } catch (IOException e) {
      throw new CudaException("cuda-host cannot be started: " + e.getMessage(), e);
    }
  }

  /** Deletes the program; its processes go on. */
  void delete() {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // A file left in the temporary folder harms nobody.
    }
  }
}
