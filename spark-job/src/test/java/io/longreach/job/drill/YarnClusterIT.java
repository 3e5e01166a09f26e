package io.longreach.job.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.job.ExitStatus;
import io.longreach.job.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shaded jar on YARN, with {@code conf/spark-defaults.conf} and {@code conf/yarn/yarn.conf}.
 */
class YarnClusterIT {
  private static final Installation INSTALLATION =
      new Installation(Path.of("").toAbsolutePath().getParent());
  private static final int DOCUMENTS = 6;
  private static final int LIMIT_SECONDS = 240;

  @TempDir static Path folder;
  private static YarnCluster cluster;
  private static SparkSession spark;
  private static OutputDigest local;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Files.createDirectories(folder.resolve("in"));
    for (int i = 0; i < DOCUMENTS; i++) {
      Files.writeString(
          folder.resolve("in/" + i + ".txt"), ("Document " + i + " says so. ").repeat(40 * i + 5));
    }
    Files.writeString(folder.resolve("in/blank.txt"), " ");
    cluster = new YarnCluster(INSTALLATION, folder);
    assertEquals(
        ExitStatus.DONE_WITH_FAILURES,
        Main.run("embed", folder.resolve("in").toString(), "-o", output("local").toString()));
    spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate();
    local = OutputDigest.of(spark, output("local").toString());
    assertEquals(DOCUMENTS, local.documents());
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    if (spark != null) {
      spark.stop();
    }
  }

  @Test
  void clientModeGivesTheBitsAndTheExitStatusOfALocalRun() throws Exception {
    SparkProcess job = submit("client", "in", "spark.submit.deployMode=client");
    assertEquals(ExitStatus.DONE_WITH_FAILURES, job.exitStatus(LIMIT_SECONDS), job::log);
    assertTrue(job.output().contains("on 2 cores"), job::log);
    requireSame("client");
  }

  /** A document that fails is no failure of the application: YARN would start it again. */
  @Test
  void clusterModeGivesTheSameBitsInOneAttempt() throws Exception {
    int before = cluster.containers().size();
    SparkProcess job = submit("cluster", "in", "spark.executor.instances=1");
    assertEquals(ExitStatus.DONE, job.exitStatus(LIMIT_SECONDS), cluster::containerLogs);
    assertTrue(job.output().contains("final status: SUCCEEDED"), job::log);
    assertEquals(
        2, cluster.containers().size() - before, "a driver, an executor, and no other try");
    requireSame("cluster");
  }

  @Test
  void clusterModeTellsTheStatusOfACommandThatIsWrong() throws Exception {
    SparkProcess job = submit("wrong", "no-such-folder", "spark.yarn.maxAppAttempts=1");
    assertEquals(ExitStatus.FAILED, job.exitStatus(LIMIT_SECONDS), job::log);
    assertTrue(job.output().contains("User application exited with status 2"), job::log);
    assertTrue(
        cluster.containerLogs().contains("longreach: no such file or folder"),
        cluster::containerLogs);
  }

  private static SparkProcess submit(String name, String input, String... settings)
      throws IOException {
    return cluster.submit(
        name,
        new ArrayList<>(List.of(settings)),
        "embed",
        folder.resolve(input).toString(),
        "-o",
        output(name).toString());
  }

  private static void requireSame(String name) {
    assertTrue(Files.exists(output(name).resolve("_SUCCESS")), cluster::containerLogs);
    assertEquals(local, OutputDigest.of(spark, output(name).toString()));
  }

  private static Path output(String name) {
    return folder.resolve(name + "-out");
  }
}
