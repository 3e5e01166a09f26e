package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shaded jar on executors of their own, as on a cluster: two worker processes, Kryo with
 * registration required between them. Needs the packaged jar: {@code mvn -P cluster -pl spark-job
 * -am verify}.
 */
@Tag("cluster")
class ClusterTest {
  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final int LIMIT_MINUTES = 4;

  @Test
  void aClusterGivesTheBitsOfALocalRun(@TempDir Path folder) throws Exception {
    for (int i = 0; i < 6; i++) {
      Files.writeString(folder.resolve(i + ".txt"), ("Sentence number " + i + ". ").repeat(i + 1));
    }
    Files.write(folder.resolve("bad.txt"), new byte[] {(byte) 0xFF});
    String input = folder.resolve("*.txt").toString();
    String local = folder.resolve("local").toString();
    assertEquals(
        ExitStatus.DONE_WITH_FAILURES, CommandRun.of("embed", input, "-o", local).status());

    String cluster = folder.resolve("cluster").toString();
    Path log = folder.resolve("cluster.log");
    int status = onCluster(sparkHome(folder), log, "embed", input, "-o", cluster);
    assertEquals(ExitStatus.DONE_WITH_FAILURES, status, () -> text(log));
    assertTrue(text(log).contains("documents  7, 1 failed"), () -> text(log));
    assertEquals(Output.read(local).embeddings(), Output.read(cluster).embeddings());
    assertEquals(
        "text is not valid UTF-8 at byte 0: convert it to UTF-8",
        Output.read(cluster).error("bad.txt"));
  }

  private static int onCluster(Path sparkHome, Path log, String... arguments)
      throws IOException, InterruptedException {
    Path jar = TARGET.resolve("longreach.jar");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Those of this JVM: they come from the same property of the build.
    command.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(option -> option.startsWith("-XX:+Ignore") || option.startsWith("--"))
            .toList());
    command.addAll(
        List.of(
            "-Dspark.master=local-cluster[2,1,1500]",
            "-Dspark.executor.memory=1500m",
            "-Dspark.jars=" + jar,
            "-Dspark.kryo.registrationRequired=true",
            "-Dspark.ui.enabled=false",
            "-cp",
            jar + File.pathSeparator + TARGET.resolve("spark-jars").resolve("*"),
            Main.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("SPARK_HOME", sparkHome.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.directory(sparkHome.toFile());
    Process process = builder.start();
    if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly().waitFor();
      throw new AssertionError("still running after " + LIMIT_MINUTES + " minutes\n" + text(log));
    }
    return process.exitValue();
  }

  /** What Spark starts executors from: a folder with its jars. */
  private static Path sparkHome(Path folder) throws IOException {
    Path jars = Files.createDirectories(folder.resolve("spark/jars"));
    try (Stream<Path> files = Files.list(TARGET.resolve("spark-jars"))) {
      for (Path file : files.toList()) {
        Files.createSymbolicLink(jars.resolve(file.getFileName()), file);
      }
    }
    return folder.resolve("spark");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
