package io.longreach.job.embed;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.input.Document;
import io.longreach.job.input.DocumentSource;
import io.longreach.job.output.OutputTarget;
import io.longreach.kernels.bench.Benchmark;
import io.longreach.udfs.Embedders;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * The whole job on two cores, from planning to written Parquet, on a session that is already up.
 * The peer is the bare encoder on one core with half of the tokens, so that a ratio of 1 is a
 * perfect speed-up with nothing lost to Spark.
 */
public final class JobBenchmark implements Benchmark {
  private static final String WORDS =
      "the people of these states have entrusted their government with the care of the public ";
  private static final int CORES = 2;

  private final SparkSession spark;
  private final Embedder embedder;
  private final List<String> texts;
  private final long tokens;
  private final Path folder;

  /**
   * A corpus of documents of equal length.
   *
   * @param spark a session on two cores
   */
  public JobBenchmark(SparkSession spark, int documents, int tokensEach) {
    this.spark = spark;
    this.embedder = Embedders.get(EmbedderOptions.defaults());
    String text = WORDS.repeat(tokensEach / WORDS.split(" ", -1).length + 1);
    this.texts = new ArrayList<>();
    for (int i = 0; i < documents; i++) {
      texts.add("document " + i + " " + text);
    }
    this.tokens = texts.stream().mapToLong(t -> embedder.tokenize(t).ids().length).sum();
    try {
      this.folder = Files.createTempDirectory("longreach-bench");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String name() {
    return "job/two-cores";
  }

  @Override
  public void run() {
    EmbedRequest request =
        new EmbedRequest(
            new DocumentSource(
                DocumentSource.Kind.FILES, "", "", Optional.empty(), "doc_id", "text"),
            OutputTarget.parquet(folder.resolve("embeddings").toString()),
            EmbedRequest.Existing.OVERWRITE,
            EmbedderOptions.defaults(),
            EmbedRequest.Planning.defaults(),
            Optional.empty());
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      documents.add(Document.of("document-" + i, texts.get(i).getBytes(StandardCharsets.UTF_8)));
    }
    JavaRDD<Document> rdd =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).parallelize(documents, CORES);
    PrintStream silent =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    try {
      new EmbedJob(spark, request, silent).embed(rdd);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public double flops() {
    return 0;
  }

  @Override
  public long tokens() {
    return tokens;
  }

  @Override
  public int cores() {
    return CORES;
  }

  @Override
  public Optional<Peer> peer() {
    return Optional.of(new Peer("2 x bare encoder on one core", this::halfOnOneCore));
  }

  private void halfOnOneCore() {
    for (String text : texts.subList(0, texts.size() / CORES)) {
      embedder.embed(List.of(embedder.tokenize(text)));
    }
  }

  @Override
  public void close() {
    spark.stop();
  }
}
