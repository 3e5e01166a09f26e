package io.longreach.job.embed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longreach.encoders.AttentionChoices;
import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.VectorOptions;
import io.longreach.job.input.DocumentSource;
import io.longreach.job.output.OutputTarget;
import io.longreach.udfs.Embedders;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.spark.sql.SparkSession;

/**
 * One run of the whole job over documents from a few tokens to a giant, of texts that have very
 * different numbers of tokens for their bytes: how equal the tasks were, planned and in fact.
 */
public final class SkewRun {
  private static final List<String> STYLES =
      List.of(
          "the people have entrusted their government with the care of all that is public ",
          "7,431.08 x 0xA9F3-77 = q9w8z2; #4410/B ",
          "Donaudampfschifffahrtsgesellschaftskapitäne überqueren Straßenbahnhaltestellen ",
          "\u4eba\u6c11\u653f\u5e9c \u0440\u0435\u0441\u043f\u0443\u0431\u043b\u0438\u043a\u0430 ");
  private static final int FEWEST_TOKENS = 10;

  private final SparkSession spark;
  private final EmbedderOptions options;
  private final int longest;
  private final long tokens;

  /**
   * A run with a model.
   *
   * @param longest tokens of the giant
   * @param tokens of all documents together, about
   */
  public SkewRun(SparkSession spark, String model, int longest, long tokens) {
    this.spark = spark;
    this.options =
        new EmbedderOptions(
            model,
            "window(64)",
            "tile",
            0,
            "auto",
            1,
            "",
            VectorOptions.defaults(),
            AttentionChoices.defaults());
    this.longest = longest;
    this.tokens = tokens;
  }

  /** Runs once, in a folder, and prints what came of it. */
  public void run(Path folder, PrintStream out) throws IOException {
    Path input = folder.resolve("documents.jsonl");
    int documents = write(input);
    Path output = folder.resolve("embeddings");
    EmbedRequest request =
        new EmbedRequest(
            new DocumentSource(
                DocumentSource.Kind.FILES,
                input.toUri().toString(),
                "documents.jsonl",
                Optional.empty(),
                "doc_id",
                "text"),
            OutputTarget.parquet(output.toUri().toString()),
            EmbedRequest.Existing.OVERWRITE,
            options,
            EmbedRequest.Planning.defaults(),
            Optional.empty());
    new EmbedJob(spark, request, out).run();
    JsonNode report = new ObjectMapper().readTree(output.resolve("_report/report.json").toFile());
    out.printf(
        Locale.ROOT,
        "%n%,d documents of %d to %,d tokens, %,d tokens (%,d estimated)%n",
        documents,
        FEWEST_TOKENS,
        longest,
        report.path("run").path("tokens").asLong(),
        report.path("run").path("predicted_tokens").asLong());
    out.printf(
        "%6s %10s %12s %12s %12s%n", "task", "documents", "tokens", "predicted s", "seconds");
    for (JsonNode task : report.path("tasks")) {
      out.printf(
          Locale.ROOT,
          "%6d %10d %,12d %12.2f %12.2f%n",
          task.path("task").asInt(),
          task.path("documents").asLong(),
          task.path("tokens_used").asLong(),
          task.path("predicted_seconds").asDouble(),
          task.path("seconds").asDouble());
    }
    out.printf(
        Locale.ROOT,
        "slowest task over mean task: %.2f planned, %.2f in fact%n",
        report.path("predicted_skew").asDouble(),
        report.path("skew").asDouble());
  }

  /** Lengths are spread evenly over their logarithms; the giant comes last. */
  private int write(Path file) throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    Embedder embedder = Embedders.get(options);
    int[] tokensOf = STYLES.stream().mapToInt(s -> embedder.tokenize(s).ids().length - 2).toArray();
    int documents = 0;
    long left = tokens - longest;
    try (BufferedWriter lines = Files.newBufferedWriter(file)) {
      while (left > 0) {
        double octaves = random.nextDouble() * Math.log((double) longest / FEWEST_TOKENS);
        long length = Math.min(Math.max(left, 100), (long) (FEWEST_TOKENS * Math.exp(octaves)));
        line(lines, documents, random.nextInt(STYLES.size()), length, tokensOf);
        documents++;
        left -= length;
      }
      line(lines, documents, 0, longest, tokensOf);
    }
    return documents + 1;
  }

  private static void line(BufferedWriter lines, int number, int style, long length, int[] tokensOf)
      throws IOException {
    ObjectNode line = new ObjectMapper().createObjectNode();
    int times = (int) Math.max(1, length / tokensOf[style]);
    line.put("doc_id", "document-" + number).put("text", STYLES.get(style).repeat(times));
    lines.write(line.toString());
    lines.newLine();
  }
}
