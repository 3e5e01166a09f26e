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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shaded jar on a master and two workers, submitted with {@code conf/spark-defaults.conf}. */
class StandaloneClusterIT {
  private static final Installation INSTALLATION =
      new Installation(Path.of("").toAbsolutePath().getParent());

  @TempDir static Path folder;
  private static StandaloneCluster cluster;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    cluster = new StandaloneCluster(INSTALLATION, folder, 2);
    for (int i = 0; i < 6; i++) {
      Files.createDirectories(folder.resolve("in"));
      Files.writeString(
          folder.resolve("in/" + i + ".txt"), ("Document " + i + " says so. ").repeat(9 * i + 1));
    }
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void clientModeUsesBothWorkersAndRegistersEveryClass() throws Exception {
    SparkProcess job =
        cluster.submit(
            "client",
            List.of(),
            "embed",
            folder.resolve("in").toString(),
            "-o",
            folder.resolve("client-out").toString());
    assertEquals(ExitStatus.DONE, job.exitStatus(180), job::log);
    assertTrue(job.output().contains("documents  6, 0 failed"), job.output());
    assertTrue(job.output().contains("on 2 cores"), job.output());
  }

  @Test
  void clusterModeRunsTheDriverOnAWorker() throws Exception {
    SparkProcess job =
        cluster.submit(
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
            "embed",
            folder.resolve("in").toString(),
            "-o",
            folder.resolve("cluster-out").toString());
    assertEquals(ExitStatus.DONE, job.exitStatus(180), job::log);
    assertTrue(Files.exists(folder.resolve("cluster-out/_SUCCESS")), cluster::driverLogs);
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
}
