package io.longreach.job.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.job.ExitStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * GPUs as Spark schedules them, on a real standalone cluster: two workers that both have GPU 1, a
 * discovery script that says so, and a {@code libcuda.so.1} with the kernels compiled for the host.
 */
class GpuClusterIT {
  private static final Path PROJECT = Path.of("").toAbsolutePath().getParent();
  private static final Path KERNELS = PROJECT.resolve("kernels");
  private static final int LIMIT_SECONDS = 180;
  private static final int END_SECONDS = 30;
  private static final List<String> SCHEDULED =
      List.of("spark.executor.resource.gpu.amount=1", "spark.task.resource.gpu.amount=0.5");

  @TempDir static Path folder;
  private static StandaloneCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    compileDriver();
    Path script = folder.resolve("discover.sh");
    Files.writeString(script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"1\"]}'\n");
    assertTrue(script.toFile().setExecutable(true));
    List<String> gpu =
        List.of(
            "-Dspark.worker.resource.gpu.amount=1",
            "-Dspark.worker.resource.gpu.discoveryScript=" + script);
    cluster = new StandaloneCluster(new Installation(PROJECT), folder, 2, gpu);
    Files.createDirectories(folder.resolve("in"));
    for (int i = 0; i < 4; i++) {
      Files.writeString(folder.resolve("in/" + i + ".txt"), "Document " + i + " says so.");
    }
  }

  private static void compileDriver() throws Exception {
    Path log = folder.resolve("g++.log");
    Process compiler;
    try {
      compiler =
          new ProcessBuilder(
                  "g++",
                  "-std=c++17",
                  "-O2",
                  "-w",
                  "-shared",
                  "-fPIC",
                  "-I" + KERNELS.resolve("src/main/cuda"),
                  KERNELS.resolve("src/test/cuda/fakeCuda.cpp").toString(),
                  "-o",
                  folder.resolve("libcuda.so.1").toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      Assumptions.abort("no g++: the fake driver cannot be compiled");
      return;
    }
    assertEquals(0, compiler.waitFor(), Files.readString(log));
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  /** The jar's embed on the cluster. */
  private static SparkProcess embed(String name, List<String> settings, String... more)
      throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of(
                "spark.executor.memory=1g",
                "spark.executorEnv.LD_LIBRARY_PATH=" + folder,
                "spark.executorEnv.FAKE_CUDA_DEVICES=2",
                "spark.executorEnv.FAKE_CUDA_LOG=" + folder.resolve("cuda.log")));
    all.addAll(settings);
    List<String> options = new ArrayList<>();
    for (String setting : all) {
      options.addAll(List.of("--conf", setting));
    }
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("embed", "in", "-o", folder.resolve(name + "-out").toString()));
    arguments.addAll(List.of(more));
    return cluster.submit(name, options, arguments.toArray(new String[0]));
  }

  private static List<String> released() throws IOException {
    try (var lines = Files.lines(folder.resolve("cuda.log"))) {
      return lines.filter(line -> line.startsWith("released")).toList();
    }
  }

  @Test
  void twoExecutorsShareTheGpuThatSparkGaveThemAndLetGoOfIt() throws Exception {
    SparkProcess job = embed("gpu", SCHEDULED, "--device", "cuda", "--tasks", "4");
    assertEquals(ExitStatus.DONE, job.exitStatus(LIMIT_SECONDS), job::log);
    assertTrue(job.output().contains("cuda:1 Fake GPU A (bf16)"), job::log);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
    while (released().isEmpty() && System.nanoTime() < end) {
      Thread.sleep(50);
    }
    assertTrue(!released().isEmpty(), "an executor has ended");
    for (String line : released()) {
      assertEquals("released GPU 0: 0 contexts, 0 bytes, 0 host buffers, 0 streams", line);
    }
  }

  /**
   * Spark gave a GPU that the driver does not have: the job is done, and executors say why, once.
   */
  @Test
  void autoIsTheCpuWhereThereIsADriverAndNoDevice() throws Exception {
    List<String> settings = new ArrayList<>(SCHEDULED);
    settings.add("spark.executorEnv.FAKE_CUDA_DEVICES=0");
    SparkProcess job = embed("auto", settings, "--device", "auto", "--tasks", "4");
    assertEquals(ExitStatus.DONE, job.exitStatus(LIMIT_SECONDS), job::log);
    assertTrue(job.output().contains("cpu ("), job::log);
    String said = "device=auto:1 is the CPU here: there is an NVIDIA driver but no GPU";
    List<Long> warnings = new ArrayList<>();
    for (Path log : executorLogs()) {
      try (var lines = Files.lines(log)) {
        warnings.add(lines.filter(line -> line.contains(said)).count());
      }
    }
    assertTrue(warnings.contains(1L), "no executor has said so: " + warnings);
    assertTrue(warnings.stream().allMatch(count -> count <= 1), "not once: " + warnings);
  }

  private static List<Path> executorLogs() throws IOException {
    try (var files = Files.walk(folder)) {
      return files.filter(file -> file.toString().matches(".*/worker-.*/app-.*/stderr")).toList();
    }
  }

  @Test
  void withoutSchedulingOfGpusTheJobDoesNotStart() throws Exception {
    SparkProcess job = embed("none", List.of(), "--device", "cuda");
    assertEquals(ExitStatus.USAGE, job.exitStatus(LIMIT_SECONDS), job::log);
    String said = "device=cuda, but Spark gives its tasks no GPU: set spark.executor.";
    assertTrue(job.output().contains(said), job::log);
  }
}
