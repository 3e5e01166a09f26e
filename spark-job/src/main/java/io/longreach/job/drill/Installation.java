package io.longreach.job.drill;

import io.longreach.job.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A built Longreach: what {@code bin/longreach} and the build leave below the project's folder.
 *
 * @param home the project's folder
 */
public record Installation(Path home) {

  /**
   * That of this command line.
   *
   * @throws UsageException if it was not started by {@code bin/longreach}
   */
  public static Installation ofCommandLine() {
    String home = System.getenv("LONGREACH_HOME");
    if (home == null || !Files.exists(new Installation(Path.of(home)).jar())) {
      throw new UsageException(
          "a drill needs the project's folder: start it with bin/longreach, which sets"
              + " LONGREACH_HOME");
    }
    return new Installation(Path.of(home));
  }

  /** Everything that goes to a cluster. */
  Path jar() {
    return home.resolve("spark-job/target/longreach.jar");
  }

  /** Spark itself. */
  Path sparkJars() {
    return home.resolve("spark-job/target/spark-jars");
  }

  Path conf() {
    return home.resolve("conf");
  }

  /** The sample corpus. */
  public Path sample() {
    return home.resolve("data/state-of-the-union-sample.jsonl.gz");
  }
}
