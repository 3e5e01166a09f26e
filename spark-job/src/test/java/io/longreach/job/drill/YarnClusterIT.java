package io.longreach.job.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.job.ExitStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
  private static ClusterRuns runs;
  private static YarnCluster cluster;
  private static OutputDigest local;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    runs = new ClusterRuns(folder);
    runs.write("in", DOCUMENTS, i -> 40 * i + 5);
    Files.writeString(runs.input("in").resolve("blank.txt"), " ");
    cluster = new YarnCluster(INSTALLATION, folder);
    local = runs.local("in", ExitStatus.DONE_WITH_FAILURES);
    assertEquals(DOCUMENTS, local.documents());
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    runs.close();
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
    return cluster.submit(name, List.of(settings), runs.embed(name, input));
  }

  private static void requireSame(String name) {
    assertTrue(Files.exists(runs.output(name).resolve("_SUCCESS")), cluster::containerLogs);
    assertEquals(local, runs.digest(name));
  }
}
