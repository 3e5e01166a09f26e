package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.AttentionChoices;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.VectorOptions;
import io.longreach.job.embed.EmbedJob;
import io.longreach.job.embed.EmbedRequest;
import io.longreach.job.input.DocumentSource;
import io.longreach.job.output.OutputTarget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the job counts is on the driver's page, in Prometheus's form, with the metrics file that
 * ships.
 */
class MetricsTest {
  private static final int DOCUMENTS = 3;

  @TempDir Path folder;

  @Test
  void thePrometheusEndpointHasTheCounters() throws IOException, InterruptedException {
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.ui.enabled", "true")
            .config("spark.ui.port", "0")
            .config("spark.metrics.conf", Path.of("../conf/metrics.properties").toString())
            .getOrCreate()) {
      PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
      assertEquals(ExitStatus.DONE, new EmbedJob(spark, request(), out).run());
      String page = spark.sparkContext().uiWebUrl().get();
      HttpResponse<String> metrics =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(page + "/metrics/prometheus/")).build(),
                  HttpResponse.BodyHandlers.ofString());
      assertEquals(200, metrics.statusCode());
      List<String> ours = metrics.body().lines().filter(l -> l.contains("longreach")).toList();
      assertTrue(
          ours.stream().anyMatch(l -> l.matches(".*longreach_documents_Value\\{.*} " + DOCUMENTS)),
          ours.toString());
      for (String counter : List.of("failures", "tokens_used", "bytes", "encode_nanos")) {
        assertTrue(
            ours.stream().anyMatch(l -> l.contains("longreach_" + counter + "_Value{")), counter);
      }
    }
  }

  private EmbedRequest request() throws IOException {
    Path input = Files.createDirectories(folder.resolve("in"));
    for (int i = 0; i < DOCUMENTS; i++) {
      Files.writeString(input.resolve(i + ".txt"), "Document " + i + " says so.");
    }
    return new EmbedRequest(
        new DocumentSource(
            DocumentSource.Kind.FILES, input.toString(), "in", Optional.empty(), "doc_id", "text"),
        OutputTarget.parquet(folder.resolve("out").toString()),
        EmbedRequest.Existing.REFUSE,
        new EmbedderOptions(
            "minilm",
            "auto",
            "tile",
            0,
            "cpu",
            1,
            "",
            VectorOptions.defaults(),
            AttentionChoices.defaults()),
        EmbedRequest.Planning.defaults(),
        Optional.empty());
  }
}
