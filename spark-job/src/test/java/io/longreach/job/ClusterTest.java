package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.job.drill.SparkProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
  private static final int LIMIT_SECONDS = 240;

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
    try (SparkProcess job = onCluster(folder, "embed", input, "-o", cluster)) {
      assertEquals(ExitStatus.DONE_WITH_FAILURES, job.exitStatus(LIMIT_SECONDS), job::log);
      assertTrue(job.output().contains("documents  7, 1 failed"), job::log);
    }
    assertEquals(Output.read(local).embeddings(), Output.read(cluster).embeddings());
    assertEquals(
        "text is not valid UTF-8 at byte 0: convert it to UTF-8",
        Output.read(cluster).error("bad.txt"));
  }

  private static SparkProcess onCluster(Path folder, String... arguments) throws IOException {
    Path jar = TARGET.resolve("longreach.jar");
    List<String> command =
        new ArrayList<>(
            List.of(
                "-Dspark.master=local-cluster[2,1,1500]",
                "-Dspark.executor.memory=1500m",
                "-Dspark.jars=" + jar,
                "-Dspark.kryo.registrationRequired=true",
                "-Dspark.ui.enabled=false",
                Main.class.getName()));
    command.addAll(List.of(arguments));
    String classPath = jar + File.pathSeparator + TARGET.resolve("spark-jars").resolve("*");
    Map<String, String> environment = Map.of("SPARK_HOME", sparkHome(folder).toString());
    return SparkProcess.start(folder, "cluster", classPath, environment, command);
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
}
