package io.longreach.job.drill;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A distribution of Spark as far as {@code bin/spark-submit} and its images need one: a folder of
 * jars.
 *
 * @param home its SPARK_HOME
 */
record SparkDistribution(Path home) {

  /** Links jars of other folders. */
  static SparkDistribution of(Path home, Path... folders) throws IOException {
    Path jars = Files.createDirectories(home.resolve("jars"));
    for (Path folder : folders) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.createSymbolicLink(jars.resolve(file.getFileName()), file);
        }
      }
    }
    return new SparkDistribution(home);
  }

  static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  /** What every process of it has in its environment. */
  Map<String, String> environment() {
    return Map.of(
        "SPARK_HOME", home.toString(),
        "SPARK_SCALA_VERSION", "2.13",
        "JAVA_HOME", System.getProperty("java.home"));
  }

  String classPath() {
    return home.resolve("jars") + "/*";
  }

  /**
   * The command line that {@code bin/spark-submit} executes: Spark's launcher makes it, with the
   * driver's JVM options and memory where the driver runs in that process.
   *
   * @param environment more of it, such as SPARK_CONF_DIR
   */
  List<String> submit(Map<String, String> environment, List<String> arguments) throws IOException {
    List<String> line = new ArrayList<>();
    line.addAll(List.of(java().toString(), "-Xmx128m", "-cp", classPath()));
    line.addAll(List.of("org.apache.spark.launcher.Main", "org.apache.spark.deploy.SparkSubmit"));
    line.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.environment().putAll(environment());
    String said =
        new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String marker = "\0\n";
    int start = said.indexOf(marker);
    if (start < 0) {
      throw new IllegalStateException("the launcher gave no command: " + said);
    }
    return Arrays.asList(said.substring(start + marker.length()).split("\0"));
  }
}
