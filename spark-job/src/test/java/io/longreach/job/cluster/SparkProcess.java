package io.longreach.job.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One JVM of Spark, with its output in a file. */
final class SparkProcess implements AutoCloseable {
  private static final Path MODULE = Path.of("").toAbsolutePath();
  static final Path JAR = MODULE.resolve("target/longreach.jar");
  static final Path CONF = MODULE.resolveSibling("conf");

  private final String name;
  private final Process process;
  private final Path log;

  private SparkProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /** Starts a main class of Spark in a folder of its own. */
  static SparkProcess start(Path folder, String name, List<String> jvmOptions, String... command)
      throws IOException {
    Files.createDirectories(folder);
    Path log = folder.resolve(name + ".log");
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of(System.getProperty("longreach.jvmFlags").trim().split("\\s+")));
    line.addAll(jvmOptions);
    line.add("-cp");
    line.add(home(folder).resolve("jars") + "/*");
    line.addAll(List.of(command));
    ProcessBuilder builder = new ProcessBuilder(line).directory(folder.toFile());
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "SPARK_HOME",
                home(folder).toString(),
                "SPARK_SCALA_VERSION",
                "2.13",
                "SPARK_LOCAL_IP",
                "127.0.0.1",
                "JAVA_HOME",
                System.getProperty("java.home")));
    return new SparkProcess(name, builder.start(), log);
  }

  /** A SPARK_HOME as far as workers need one: a folder of jars. */
  private static Path home(Path folder) throws IOException {
    Path home = folder.resolve("spark-home");
    if (!Files.exists(home)) {
      Files.createDirectories(home);
      Files.createSymbolicLink(home.resolve("jars"), MODULE.resolve("target/spark-jars"));
    }
    return home;
  }

  String output() throws IOException {
    return Files.readString(log);
  }

  /** The output, for messages. */
  String log() {
    try {
      return output();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void await(String text, int seconds) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!output().contains(text)) {
      if (System.nanoTime() > end || !process.isAlive()) {
        throw new AssertionError(name + " did not say '" + text + "':\n" + output());
      }
      Thread.sleep(50);
    }
  }

  int exitStatus(int seconds) throws IOException, InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      throw new AssertionError(name + " did not end in " + seconds + " s:\n" + output());
    }
    return process.exitValue();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** SIGKILL, with no chance to tidy up. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
