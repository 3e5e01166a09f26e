package io.longreach.job.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longreach.job.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/** What the tests of cluster managers share: documents, runs' outputs, and a Spark to read them. */
final class ClusterRuns implements AutoCloseable {
  private final Path folder;
  private SparkSession spark;

  ClusterRuns(Path folder) {
    this.folder = folder;
  }

  /** A new one where a command of this process has closed the last. */
  SparkSession spark() {
    spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate();
    return spark;
  }

  Path input(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  Path output(String name) {
    return folder.resolve(name + "-out");
  }

  /** Writes documents {@code 0.txt} and so on, each a sentence so many times. */
  void write(String input, int documents, IntUnaryOperator sentences) throws IOException {
    for (int i = 0; i < documents; i++) {
      Files.writeString(
          input(input).resolve(i + ".txt"),
          ("Document " + i + " says so. ").repeat(sentences.applyAsInt(i)));
    }
  }

  /** The settings that the project ships, those for all and a cluster manager's, in one file. */
  static Path settings(Installation installation, Path folder, String name, String manager)
      throws IOException {
    return Files.writeString(
        folder.resolve(name + ".conf"),
        Files.readString(installation.conf().resolve("spark-defaults.conf"))
            + Files.readString(installation.conf().resolve(manager)));
  }

  /** The command that embeds an input. */
  String[] embed(String name, String input, String... options) {
    Stream<String> command =
        Stream.of("embed", folder.resolve(input).toString(), "-o", output(name).toString());
    return Stream.concat(command, Stream.of(options)).toArray(String[]::new);
  }

  /** Embeds an input without a cluster. */
  OutputDigest local(String input, int status) {
    String name = input + "-local";
    assertEquals(status, Main.run(embed(name, input)));
    return digest(name);
  }

  OutputDigest digest(String name) {
    return OutputDigest.of(spark(), output(name).toString());
  }

  @Override
  public void close() {
    if (spark != null) {
      spark.stop();
    }
  }
}
