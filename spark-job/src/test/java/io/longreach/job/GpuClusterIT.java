package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
  private static final Path MODULE = Path.of("").toAbsolutePath();
  private static final Path KERNELS = MODULE.resolveSibling("kernels");
  private static final Path CONF = MODULE.resolveSibling("conf");
  private static final int LIMIT_SECONDS = 180;
  private static final int END_SECONDS = 30;

  @TempDir static Path folder;
  private static final List<Process> processes = new ArrayList<>();
  private static String master;

  @BeforeAll
  static void start() throws Exception {
    compileDriver();
    Files.createDirectories(folder.resolve("spark"));
    Files.createSymbolicLink(folder.resolve("spark/jars"), MODULE.resolve("target/spark-jars"));
    Path script = folder.resolve("discover.sh");
    Files.writeString(script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"1\"]}'\n");
    assertTrue(script.toFile().setExecutable(true));
    int port = freePort();
    master = "spark://127.0.0.1:" + port;
    start(
        "master",
        List.of("-Xmx256m"),
        "org.apache.spark.deploy.master.Master",
        "--host",
        "127.0.0.1",
        "--port",
        String.valueOf(port),
        "--webui-port",
        "0");
    await("master", "I have been elected leader");
    for (String worker : List.of("worker-0", "worker-1")) {
      start(
          worker,
          List.of(
              "-Xmx256m",
              "-Dspark.worker.resource.gpu.amount=1",
              "-Dspark.worker.resource.gpu.discoveryScript=" + script),
          "org.apache.spark.deploy.worker.Worker",
          "--host",
          "127.0.0.1",
          "--cores",
          "1",
          "--memory",
          "2g",
          "--webui-port",
          "0",
          "--work-dir",
          folder.resolve(worker).toString(),
          master);
    }
    await("worker-0", "Successfully registered with master");
    await("worker-1", "Successfully registered with master");
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
    assertEquals(0, compiler.waitFor(), () -> text("g++"));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Process start(String name, List<String> options, String... command)
      throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of(System.getProperty("longreach.jvmFlags").trim().split("\\s+")));
    line.addAll(options);
    line.addAll(List.of("-cp", folder.resolve("spark/jars") + "/*"));
    line.addAll(List.of(command));
    ProcessBuilder builder = new ProcessBuilder(line).directory(folder.toFile());
    builder.redirectErrorStream(true).redirectOutput(folder.resolve(name + ".log").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "SPARK_HOME",
                folder.resolve("spark").toString(),
                "SPARK_SCALA_VERSION",
                "2.13",
                "SPARK_LOCAL_IP",
                "127.0.0.1",
                "JAVA_HOME",
                System.getProperty("java.home")));
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private static String text(String name) {
    try {
      return Files.readString(folder.resolve(name + ".log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void await(String name, String what) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
    while (!text(name).contains(what)) {
      assertTrue(
          System.nanoTime() < end, () -> name + " did not say '" + what + "': " + text(name));
      Thread.sleep(50);
    }
  }

  @AfterAll
  static void stop() {
    for (Process process : processes) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** Runs the jar's embed on the cluster and returns its status. */
  private static int embed(String name, List<String> settings, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "org.apache.spark.deploy.SparkSubmit",
                "--master",
                master,
                "--properties-file",
                CONF.resolve("spark-defaults.conf").toString()));
    List<String> all = new ArrayList<>(settings);
    all.addAll(
        List.of(
            "spark.driver.host=127.0.0.1",
            "spark.ui.enabled=false",
            "spark.executor.memory=1g",
            "spark.executorEnv.LD_LIBRARY_PATH=" + folder,
            "spark.executorEnv.FAKE_CUDA_DEVICES=2",
            "spark.executorEnv.FAKE_CUDA_LOG=" + folder.resolve("cuda.log")));
    for (String setting : all) {
      command.addAll(List.of("--conf", setting));
    }
    command.addAll(
        List.of(
            "--class",
            "io.longreach.job.Main",
            MODULE.resolve("target/longreach.jar").toString(),
            "embed",
            folder.resolve("in").toString(),
            "-o",
            folder.resolve(name + "-out").toString()));
    command.addAll(List.of(more));
    Process job = start(name, List.of("-Xmx1g"), command.toArray(new String[0]));
    assertTrue(
        job.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), () -> name + " runs on: " + text(name));
    return job.exitValue();
  }

  @Test
  void twoExecutorsShareTheGpuThatSparkGaveThemAndLetGoOfIt() throws Exception {
    int status =
        embed(
            "gpu",
            List.of("spark.executor.resource.gpu.amount=1", "spark.task.resource.gpu.amount=0.5"),
            "--device",
            "cuda",
            "--tasks",
            "4");
    assertEquals(ExitStatus.DONE, status, () -> text("gpu"));
    assertTrue(text("gpu").contains("cuda:1 Fake GPU A (bf16)"), text("gpu"));
    await("cuda", "released GPU 0");
    for (String line : text("cuda").lines().filter(line -> line.startsWith("rel")).toList()) {
      assertEquals("released GPU 0: 0 contexts, 0 bytes, 0 host buffers, 0 streams", line);
    }
  }

  @Test
  void withoutSchedulingOfGpusTheJobDoesNotStart() throws Exception {
    assertEquals(ExitStatus.USAGE, embed("none", List.of(), "--device", "cuda"));
    assertTrue(
        text("none").contains("device=cuda, but Spark gives its tasks no GPU: set spark.executor."),
        text("none"));
  }
}
