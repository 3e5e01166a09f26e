package io.longreach.job.embed;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.kernels.bench.Benchmark;
import io.longreach.udfs.Embedders;
import io.longreach.udfs.arrow.BatchLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/**
 * {@code SELECT max(embed(text)[0])} over Parquet on two cores, on a session that is already up.
 * The peer is the bare encoder on the same cores: two threads, each with half of the texts,
 * tokenized before and in batches of the same number of tokens. Of many texts it keeps the first
 * {@value #KEPT} and takes them again and again; the texts have one length.
 */
public final class SqlBenchmark implements Benchmark {
  private static final int CORES = 2;
  private static final int KEPT = 20_000;
  private static final List<String> WORDS =
      List.of(
          ("the people of these states have entrusted their government with care of public affairs"
                  + " and every citizen may ask what was done in a year of peace or war by those who"
                  + " hold its offices on land at sea or in the courts")
              .split(" "));

  private final String name;
  private final SparkSession spark;
  private final Embedder embedder;
  private final Path folder;

  /** Of each core. */
  private final List<List<List<Embedder.Tokens>>> batches = new ArrayList<>();

  /** How many times over those are the texts. */
  private final int times;

  private final long tokens;

  /**
   * @param spark a session on two cores
   * @param texts how many, of the same number of words; a multiple of {@value #KEPT} if more
   */
  public SqlBenchmark(
      String name, SparkSession spark, EmbedderOptions options, int texts, int words) {
    this.name = name;
    this.spark = spark;
    this.embedder = Embedders.get(options);
    spark.conf().set("spark.longreach.model", options.model());
    requireCount(texts);
    int kept = Math.min(texts, KEPT);
    List<String> corpus = IntStream.range(0, kept).mapToObj(i -> text(i, words)).toList();
    for (int core = 0; core < CORES; core++) {
      batches.add(batches(corpus.subList(core * kept / CORES, (core + 1) * kept / CORES)));
    }
    this.times = texts / kept;
    this.tokens =
        times
            * batches.stream()
                .flatMap(List::stream)
                .flatMap(List::stream)
                .mapToLong(t -> t.ids().length)
                .sum();
    try {
      this.folder = Files.createTempDirectory("longreach-bench");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    MapFunction<Long, String> write = id -> text(id, words);
    spark
        .range(0, texts, 1, CORES)
        .map(write, Encoders.STRING())
        .toDF("text")
        .write()
        .mode(SaveMode.Overwrite)
        .parquet(folder.toString());
    spark.read().parquet(folder.toString()).createOrReplaceTempView("texts");
  }

  /**
   * @throws IllegalArgumentException for a number of texts that it cannot take
   */
  public static void requireCount(int texts) {
    if (texts < CORES || texts % Math.min(texts, KEPT) != 0) {
      throw new IllegalArgumentException(
          String.format(
              "strings must be from %d to %d or a multiple of %d, was %d: round it",
              CORES, KEPT, KEPT, texts));
    }
  }

  private static String text(long id, int words) {
    return new Random(id)
        .ints(words, 0, WORDS.size())
        .mapToObj(WORDS::get)
        .collect(Collectors.joining(" "));
  }

  private List<List<Embedder.Tokens>> batches(List<String> corpus) {
    List<List<Embedder.Tokens>> all = new ArrayList<>();
    List<Embedder.Tokens> batch = new ArrayList<>();
    long inBatch = 0;
    for (String text : corpus) {
      Embedder.Tokens next = embedder.tokenize(text);
      if (!batch.isEmpty() && inBatch + next.ids().length > BatchLimits.DEFAULT.tokens()) {
        all.add(batch);
        batch = new ArrayList<>();
        inBatch = 0;
      }
      batch.add(next);
      inBatch += next.ids().length;
    }
    all.add(batch);
    return all;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void run() {
    spark.sql("SELECT max(embed(text)[0]) FROM texts").collectAsList();
  }

  /** About as many texts as are kept. */
  @Override
  public void warmUp() {
    spark
        .sql("SELECT max(embed(text)[0]) FROM texts WHERE pmod(hash(text), " + times + ") = 0")
        .collectAsList();
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
    return Optional.of(new Peer("bare encoder on two cores", this::bare, times));
  }

  private void bare() {
    List<Thread> threads = new ArrayList<>();
    for (List<List<Embedder.Tokens>> half : batches) {
      Thread thread = new Thread(() -> embed(half));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  private void embed(List<List<Embedder.Tokens>> half) {
    half.forEach(embedder::embed);
  }

  @Override
  public void close() {
    spark.stop();
  }
}
