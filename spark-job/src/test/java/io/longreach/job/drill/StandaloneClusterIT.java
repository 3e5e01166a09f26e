package io.longreach.job.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.job.ExitStatus;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shaded jar on a master and two workers, submitted with {@code conf/spark-defaults.conf}. */
class StandaloneClusterIT {
  private static final Installation INSTALLATION =
      new Installation(Path.of("").toAbsolutePath().getParent());
  private static final int DOCUMENTS = 24;
  private static final int LIMIT_SECONDS = 240;

  /** Tasks of one executor at a time; the driver may not have heard yet that one has committed. */
  private static final int IN_FLIGHT = 1;

  @TempDir static Path folder;
  private static StandaloneCluster cluster;
  private static ClusterRuns runs;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    runs = new ClusterRuns(folder);
    cluster = new StandaloneCluster(INSTALLATION, folder, 2);
    runs.write("in", DOCUMENTS, i -> 9 * i + 50);
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    runs.close();
  }

  /** Also: both workers are used, and every class that travels is registered with Kryo. */
  @Test
  void anExecutorKilledMidTaskAndClusterModeGiveTheSameBits() throws Exception {
    SparkProcess killed = submit("client", List.of(), "in", "--tasks", "12");
    Path output = runs.output("client");
    while (OutputState.of(output).parts().size() < 2) {
      assertTrue(!killed.endsWithin(0.02), killed::log);
    }
    cluster.executors().get(0).destroyForcibly();
    OutputState then = OutputState.of(output);
    assertEquals(ExitStatus.DONE, killed.exitStatus(LIMIT_SECONDS), killed::log);
    assertTrue(killed.output().contains("on 2 cores"), killed.output());
    List<String> doneTwice = then.changedIn(OutputState.of(output));
    assertTrue(doneTwice.size() <= IN_FLIGHT, () -> "done twice: " + doneTwice);
    OutputDigest digest = runs.digest("client");
    assertEquals(DOCUMENTS, digest.documents());
    assertEquals(0, digest.repeated());

    SparkProcess onWorker =
        submit(
            "cluster",
            List.of(
                "--deploy-mode",
                "cluster",
                "--conf",
                "spark.standalone.submit.waitAppCompletion=true",
                "--conf",
                "spark.driver.memory=1g",
                "--conf",
                "spark.executor.memory=1g"),
            "in");
    assertEquals(ExitStatus.DONE, onWorker.exitStatus(LIMIT_SECONDS), onWorker::log);
    assertTrue(Files.exists(runs.output("cluster").resolve("_SUCCESS")), cluster::driverLogs);
    assertEquals(digest, runs.digest("cluster"));
  }

  /** Dense attention over this many tokens is far beyond the executors' memory. */
  @Test
  void aDocumentBeyondTheMemoryFailsAlone() throws Exception {
    Path input = runs.input("giant");
    Files.writeString(input.resolve("giant.txt"), "A word and another. ".repeat(40_000));
    Files.writeString(input.resolve("small.txt"), "A small document.");
    Files.writeString(input.resolve("blank.txt"), "  ");
    SparkProcess job =
        submit(
            "giant",
            List.of("--conf", "spark.executor.memory=800m"),
            "giant",
            "--pattern",
            "dense");
    assertEquals(ExitStatus.DONE_WITH_FAILURES, job.exitStatus(LIMIT_SECONDS), job::log);
    assertTrue(job.output().contains("documents  3, 2 failed"), job.output());
    assertEquals(1, runs.digest("giant").documents());
    Map<String, Row> errors = new TreeMap<>();
    runs.spark()
        .read()
        .schema("doc_id string, stage string, reason string, bytes long, attempt long")
        .json(runs.output("giant").resolve("_errors").toString())
        .collectAsList()
        .forEach(row -> errors.put(row.getString(0), row));
    Row giant = errors.get("giant.txt");
    assertEquals("embed", giant.getString(1));
    assertTrue(giant.getString(2).contains("memory"), giant.getString(2));
    assertEquals(800_000, giant.getLong(3));
    assertEquals(1, giant.getLong(4));
    assertEquals("[blank.txt,tokenize,text is empty,2,1]", errors.get("blank.txt").toString());
    assertEquals(2, errors.size());
  }

  @Test
  void prometheusReadsTheMaster() throws Exception {
    URI metrics =
        URI.create("http://127.0.0.1:" + cluster.masterWebPort + "/metrics/master/prometheus/");
    String page =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
            .body();
    assertTrue(page.contains("metrics_master_aliveWorkers_Value"), page);
  }

  private static SparkProcess submit(
      String name, List<String> settings, String input, String... options) throws IOException {
    return cluster.submit(name, settings, runs.embed(name, input, options));
  }
}
