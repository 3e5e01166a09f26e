package io.longreach.job.drill;

import io.longreach.encoders.AttentionChoices;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.VectorOptions;
import io.longreach.encoders.bench.SmallModel;
import io.longreach.job.ExitStatus;
import io.longreach.job.embed.EmbedJob;
import io.longreach.job.embed.EmbedRequest;
import io.longreach.job.input.DocumentSource;
import io.longreach.job.output.OutputTarget;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Very many short documents, embedded once and then gone on with: what the job holds for each of
 * them would show in the heap.
 */
public final class ManyDrill {
  private static final String[] WORDS =
      ("the people of these states have entrusted their government with care for all that is public"
              + " and no power on earth can take from them what they will not give")
          .split(" ");

  private final SparkSession spark;
  private final Path folder;
  private final int documents;
  private final int tokens;
  private final PrintStream out;

  /**
   * A drill.
   *
   * @param folder for model, input and output
   * @param tokens of each document, about
   */
  public ManyDrill(SparkSession spark, Path folder, int documents, int tokens, PrintStream out) {
    this.spark = spark;
    this.folder = folder;
    this.documents = documents;
    this.tokens = tokens;
    this.out = out;
  }

  /**
   * Runs it.
   *
   * @return whether each document was there once, each time
   */
  public boolean run() throws IOException {
    Path input = folder.resolve("documents.jsonl");
    write(input);
    String model = SmallModel.writeSmallest(folder.resolve("model")).toString();
    return run("new", input, model) & run("gone on with", input, model);
  }

  private boolean run(String name, Path input, String model) throws IOException {
    Path output = folder.resolve("embeddings");
    long start = System.nanoTime();
    int status;
    long before;
    long behind;
    try (HeapWatch heap = new HeapWatch()) {
      status = new EmbedJob(spark, request(input, output, model), out).run();
      before = heap.beforeCollections();
      behind = heap.behindCollections();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    Row counts =
        spark
            .read()
            .parquet(output.toString())
            .agg(functions.count("*"), functions.countDistinct("doc_id"), functions.sum("tokens"))
            .head();
    out.printf(
        Locale.ROOT,
        "%n%s: status %d, %,d rows of %,d documents, %,d tokens, %.0f s, heap in use at most %,d MiB"
            + " (%,d MiB behind collections) of %,d MiB%n%n",
        name,
        status,
        counts.getLong(0),
        counts.getLong(1),
        counts.getLong(2),
        seconds,
        before >> 20,
        behind >> 20,
        Runtime.getRuntime().maxMemory() >> 20);
    return status == ExitStatus.DONE
        && counts.getLong(0) == documents
        && counts.getLong(1) == documents;
  }

  private EmbedRequest request(Path input, Path output, String model) {
    return new EmbedRequest(
        new DocumentSource(
            DocumentSource.Kind.FILES,
            input.toUri().toString(),
            input.getFileName().toString(),
            Optional.empty(),
            "doc_id",
            "text"),
        OutputTarget.parquet(output.toUri().toString()),
        EmbedRequest.Existing.REFUSE,
        new EmbedderOptions(
            model,
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

  /** Words of one token each; a BERT adds two. */
  private void write(Path file) throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    try (BufferedWriter lines = Files.newBufferedWriter(file)) {
      for (int document = 0; document < documents; document++) {
        lines.append("{\"doc_id\": \"document-").append(String.valueOf(document));
        lines.append("\", \"text\": \"");
        for (int token = 2; token < Math.max(3, tokens); token++) {
          lines.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
        }
        lines.append("\"}\n");
      }
    }
  }
}
