package io.longreach.job.embed;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.ExitStatus;
import io.longreach.job.UsageException;
import io.longreach.job.input.Document;
import io.longreach.job.input.DocumentReader;
import io.longreach.udfs.Embedders;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import scala.Tuple2;

/** Reads documents, embeds them in tasks of equal cost, writes Parquet and reports. */
public final class EmbedJob {
  private static final int TASKS_PER_CORE = 4;

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final EmbedRequest request;
  private final EmbedderOptions options;
  private final PrintStream out;

  public EmbedJob(SparkSession spark, EmbedRequest request, PrintStream out) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.request = request;
    this.options = withThreads(request.options(), context.getConf().getInt("spark.task.cpus", 1));
    this.out = out;
  }

  private static EmbedderOptions withThreads(EmbedderOptions options, int threads) {
    return new EmbedderOptions(
        options.model(),
        options.pattern(),
        options.positions(),
        options.maxTokens(),
        options.device(),
        threads);
  }

  /** Classes that travel between driver and executors, for Kryo. */
  public static List<Class<?>> serializedClasses() {
    return List.of(
        CostPlan.class, CostPlan.Sizes.class, OutputScan.class, OutputScan.Neighbour.class);
  }

  /**
   * Runs the job.
   *
   * @return {@link ExitStatus#DONE} or {@link ExitStatus#DONE_WITH_FAILURES}
   * @throws UsageException if the request cannot be: before anything is written
   */
  public int run() {
    new OutputFolder(context.hadoopConfiguration(), request.output())
        .requireWritable(request.existing(), request.input());
    String model = checkModel();
    JavaRDD<Document> documents =
        new DocumentReader(spark, request.idColumn(), request.textColumn())
            .read(request.input(), request.format());
    CostPlan plan = plan(documents);
    if (plan.documents() == 0) {
      throw new UsageException("'" + request.input() + "' holds no documents");
    }
    out.printf(
        Locale.ROOT,
        "Embedding %,d documents (%,d bytes) with %s in %d tasks on %d cores%n",
        plan.documents(),
        plan.bytes(),
        model,
        plan.tasks(),
        context.defaultParallelism());
    long start = System.nanoTime();
    embed(documents, plan);
    OutputScan written = summarise(plan, (System.nanoTime() - start) / 1e9);
    return written.failures > 0 ? ExitStatus.DONE_WITH_FAILURES : ExitStatus.DONE;
  }

  private CostPlan plan(JavaRDD<Document> documents) {
    int tasks = request.tasks().orElse(context.defaultParallelism() * TASKS_PER_CORE);
    return CostPlan.of(documents, tasks, request.limit().orElse(Integer.MAX_VALUE));
  }

  /** Plans, embeds and writes, without checks and without a summary. */
  void embed(JavaRDD<Document> documents) {
    embed(documents, plan(documents));
  }

  /** Opens the model here first, where what is wrong with it can still be said in one line. */
  private String checkModel() {
    try {
      Embedder embedder = Embedders.get(options);
      return embedder.model() + " on " + embedder.device();
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private void embed(JavaRDD<Document> documents, CostPlan plan) {
    LongAccumulator documentsDone = spark.sparkContext().longAccumulator("longreach.documents");
    LongAccumulator tokensDone = spark.sparkContext().longAccumulator("longreach.tokens");
    LongAccumulator bytesDone = spark.sparkContext().longAccumulator("longreach.bytes");
    Broadcast<CostPlan> planned = context.broadcast(plan);
    JavaRDD<Row> rows =
        documents
            .mapPartitionsWithIndex(
                (partition, these) -> inTasks(partition, these, planned.value()), true)
            .mapToPair(pair -> pair)
            .partitionBy(new HashPartitioner(plan.tasks()))
            .values()
            .mapPartitions(new EmbedTask(options, documentsDone, tokensDone, bytesDone));
    try (Progress progress =
        new Progress(out, plan.documents(), plan.bytes(), documentsDone, tokensDone, bytesDone)) {
      spark.sparkContext().addSparkListener(progress);
      spark
          .createDataFrame(rows, EmbedTask.SCHEMA)
          .write()
          .mode(
              request.existing() == EmbedRequest.Existing.OVERWRITE ? "overwrite" : "errorifexists")
          .parquet(request.output());
      spark.sparkContext().removeSparkListener(progress);
    }
  }

  private static Iterator<Tuple2<Integer, Document>> inTasks(
      int partition, Iterator<Document> documents, CostPlan plan) {
    return new Iterator<>() {
      private int index = -1;
      private Document found;

      @Override
      public boolean hasNext() {
        while (found == null && documents.hasNext()) {
          Document document = documents.next();
          index++;
          found = plan.taskOf(partition, index) < 0 ? null : document;
        }
        return found != null;
      }

      @Override
      public Tuple2<Integer, Document> next() {
        if (!hasNext()) {
          throw new java.util.NoSuchElementException();
        }
        Document document = found;
        found = null;
        return new Tuple2<>(plan.taskOf(partition, index), document);
      }
    };
  }

  private OutputScan summarise(CostPlan plan, double seconds) {
    Dataset<Row> output = spark.read().schema(EmbedTask.SCHEMA).parquet(request.output());
    Row first = OutputScan.first(output, new ArrayList<>(plan.firstIds()));
    OutputScan scan = OutputScan.of(output, first);
    out.println();
    out.printf(Locale.ROOT, "documents  %,d, %,d failed%n", scan.documents, scan.failures);
    scan.errors.forEach((error, count) -> out.printf("           %,d x %s%n", count, error));
    out.printf(Locale.ROOT, "tokens     %,d used of %,d%n", scan.tokensUsed, scan.tokens);
    out.printf(
        Locale.ROOT,
        "speed      %,.0f tokens/s (%s)%n",
        scan.tokensUsed / seconds,
        Progress.duration(seconds));
    out.printf("pattern    %s%n", OutputScan.counted(scan.patterns));
    out.printf("device     %s%n", OutputScan.counted(scan.devices));
    out.printf("output     %s%n", request.output());
    if (first != null && !scan.nearest.isEmpty()) {
      out.printf("%nNearest to %s:%n", first.getString(0));
      for (OutputScan.Neighbour neighbour : scan.nearest) {
        out.printf(Locale.ROOT, "  %.3f  %s%n", neighbour.similarity, neighbour.id);
      }
    }
    return scan;
  }
}
