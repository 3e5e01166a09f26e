package io.longreach.job.drill;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One JVM of Spark, with its output in a file. */
public final class SparkProcess implements AutoCloseable {
  private final String name;
  private final Process process;
  private final Path log;

  private SparkProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /** Starts a main class of Spark in a folder of its own. */
  static SparkProcess start(
      Installation installation,
      Path folder,
      String name,
      List<String> jvmOptions,
      String... command)
      throws IOException {
    Path home = sparkHome(installation, folder);
    List<String> line = new ArrayList<>(jvmOptions);
    line.addAll(List.of(command));
    Map<String, String> environment = Map.of("SPARK_HOME", home.toString());
    return start(folder, name, home.resolve("jars") + "/*", environment, line);
  }

  /**
   * Starts a JVM with the modules open that Spark needs.
   *
   * @param command options, the main class and its arguments
   */
  public static SparkProcess start(
      Path folder,
      String name,
      String classPath,
      Map<String, String> environment,
      List<String> command)
      throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(flags());
    line.addAll(List.of("-cp", classPath));
    line.addAll(command);
    Map<String, String> all = new HashMap<>(System.getenv());
    all.put("SPARK_SCALA_VERSION", "2.13");
    all.put("SPARK_LOCAL_IP", "127.0.0.1");
    all.put("JAVA_HOME", System.getProperty("java.home"));
    all.putAll(environment);
    return exec(folder, name, all, line);
  }

  /** Starts a command line as it stands, with this environment and no other. */
  static SparkProcess exec(
      Path folder, String name, Map<String, String> environment, List<String> line)
      throws IOException {
    Files.createDirectories(folder);
    Path log = folder.resolve(name + ".log");
    ProcessBuilder builder = new ProcessBuilder(line).directory(folder.toFile());
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return new SparkProcess(name, builder.start(), log);
  }

  /** The modules that Spark needs open: this JVM has been started with the same. */
  private static List<String> flags() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("-XX:+Ignore") || option.startsWith("--"))
        .toList();
  }

  /** A SPARK_HOME as far as workers need one: a folder of jars. */
  private static Path sparkHome(Installation installation, Path folder) throws IOException {
    Path home = folder.resolve("spark-home");
    if (!Files.exists(home)) {
      Files.createDirectories(home);
      Files.createSymbolicLink(home.resolve("jars"), installation.sparkJars());
    }
    return home;
  }

  /** What it has said so far. */
  public String output() throws IOException {
    return Files.readString(log);
  }

  /** The output, for messages. */
  public String log() {
    try {
      return output();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A line for its standard input. */
  void tell(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** Waits until it has said something; fails if it ends or the time is up. */
  public void await(String text, int seconds) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!output().contains(text)) {
      if (System.nanoTime() > end || !process.isAlive()) {
        throw new IllegalStateException(name + " did not say '" + text + "':\n" + output());
      }
      Thread.sleep(50);
    }
  }

  /** Waits until it has ended or the time is up, and says whether it has ended. */
  boolean endsWithin(double seconds) throws InterruptedException {
    return process.waitFor((long) (seconds * 1e9), TimeUnit.NANOSECONDS);
  }

  /** Waits for its end; fails if the time is up. */
  public int exitStatus(int seconds) throws IOException, InterruptedException {
    if (!endsWithin(seconds)) {
      throw new IllegalStateException(name + " did not end in " + seconds + " s:\n" + output());
    }
    return process.exitValue();
  }

  long pid() {
    return process.pid();
  }

  /** Processes that it has started itself: those of a worker are its executors. */
  Stream<ProcessHandle> children() {
    return process.children();
  }

  ProcessHandle handle() {
    return process.toHandle();
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
