package io.longreach.job.embed;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.ExitStatus;
import io.longreach.job.UsageException;
import io.longreach.job.input.Document;
import io.longreach.job.input.DocumentReader;
import io.longreach.udfs.Embedders;
import io.longreach.udfs.TaskGpu;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
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
    this.options = request.options().withThreads(context.getConf().getInt("spark.task.cpus", 1));
    this.out = out;
  }

  /** Classes that travel between driver and executors, for Kryo. */
  public static List<Class<?>> serializedClasses() {
    return List.of(
        CostPlan.class, CostPlan.Sizes.class, OutputScan.class, OutputScan.Neighbour.class);
  }

  /**
   * Runs the job, or goes on with one that was stopped.
   *
   * @return {@link ExitStatus#DONE} or {@link ExitStatus#DONE_WITH_FAILURES}
   * @throws UsageException if the request cannot be: before anything is written
   */
  public int run() throws IOException {
    OutputTable table = open();
    Embedder embedder = checkModel();
    String configuration = DocumentKeys.configuration(embedder.model(), options);
    requireSame(table, configuration);
    JavaRDD<Document> documents = read();
    boolean fresh = request.existing() == EmbedRequest.Existing.OVERWRITE;
    if (!fresh) {
      table.recover();
    }
    CostPlan plan = plan(documents, fresh ? new long[0] : table.keys(), configuration);
    if (plan.documents() + plan.done() == 0) {
      throw new UsageException("'" + request.input() + "' holds no documents");
    }
    begin(table, fresh, configuration);
    if (plan.done() > 0) {
      out.printf(Locale.ROOT, "%,d documents are done already%n", plan.done());
    }
    out.printf(
        Locale.ROOT,
        "Embedding %,d documents (%,d bytes) with %s on %s in %d tasks on %d cores%n",
        plan.documents(),
        plan.bytes(),
        embedder.model(),
        embedder.device(),
        plan.tasks(),
        context.defaultParallelism());
    ErrorTable errors = new ErrorTable(context.hadoopConfiguration(), request.output());
    int attempt = errors.nextAttempt();
    long start = System.nanoTime();
    long tokens = plan.documents() == 0 ? 0 : embed(table, documents, plan, configuration, attempt);
    double seconds = (System.nanoTime() - start) / 1e9;
    if (plan.inputIds().length > 0) {
      table.removeStale(plan.inputIds(), plan.inputKeys());
    }
    errors.keepOnly(attempt);
    ErrorTable.Tally failed = errors.tally();
    table.succeed();
    summarise(table, plan, failed, tokens, seconds);
    return failed.documents > 0 ? ExitStatus.DONE_WITH_FAILURES : ExitStatus.DONE;
  }

  private JavaRDD<Document> read() {
    DocumentReader reader = new DocumentReader(spark, request.idColumn(), request.textColumn());
    return switch (request.source()) {
      case FILES -> reader.read(request.input(), request.format());
      case TABLE -> reader.readTable(request.input());
      case QUERY -> reader.readQuery(request.input());
    };
  }

  private OutputTable open() {
    try {
      OutputTable table = new OutputTable(spark, request.output());
      boolean ours =
          request.existing() == EmbedRequest.Existing.REFUSE && table.begun().isPresent();
      new OutputFolder(context.hadoopConfiguration(), request.output())
          .requireWritable(
              ours ? EmbedRequest.Existing.UPDATE : request.existing(),
              request.source() == EmbedRequest.Source.FILES ? request.input() : "");
      return table;
    } catch (IllegalArgumentException | IOException e) {
      throw new UsageException("cannot write '" + request.output() + "': " + e.getMessage());
    }
  }

  private void begin(OutputTable table, boolean fresh, String configuration) {
    try {
      if (fresh) {
        table.delete();
      }
      table.begin(inputName(), configuration);
    } catch (IOException e) {
      throw new UsageException("cannot write '" + request.output() + "': " + e.getMessage());
    }
  }

  /** Going on needs no word; anything else with an output that exists must be asked for. */
  private void requireSame(OutputTable table, String configuration) throws IOException {
    Optional<List<String>> begun = table.begun();
    if (request.existing() == EmbedRequest.Existing.REFUSE
        && begun.isPresent()
        && !begun.get().equals(List.of(inputName(), configuration))) {
      throw new UsageException(
          "the output '"
              + request.output()
              + "' exists: name another, or add --overwrite, or --update to embed what is new or"
              + " changed");
    }
  }

  private String inputName() {
    return request.inputName() + " " + request.idColumn() + " " + request.textColumn();
  }

  private CostPlan plan(JavaRDD<Document> documents, long[] doneKeys, String configuration) {
    int tasks = request.tasks().orElse(context.defaultParallelism() * TASKS_PER_CORE);
    return CostPlan.of(
        documents, tasks, request.limit().orElse(Integer.MAX_VALUE), doneKeys, configuration);
  }

  /** Plans, embeds and writes, without checks and without a summary. */
  void embed(JavaRDD<Document> documents) throws IOException {
    OutputTable table = new OutputTable(spark, request.output());
    table.delete();
    table.begin("", "");
    embed(table, documents, plan(documents, new long[0], ""), "", 1);
  }

  /** Opens the model here first, where what is wrong with it can still be said in one line. */
  private Embedder checkModel() {
    try {
      TaskGpu.requireScheduled(context.getConf(), options);
      return Embedders.get(options);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  /** Returns the tokens embedded. */
  private long embed(
      OutputTable table,
      JavaRDD<Document> documents,
      CostPlan plan,
      String configuration,
      int attempt)
      throws IOException {
    LongAccumulator documentsDone = spark.sparkContext().longAccumulator("longreach.documents");
    LongAccumulator tokensDone = spark.sparkContext().longAccumulator("longreach.tokens");
    LongAccumulator bytesDone = spark.sparkContext().longAccumulator("longreach.bytes");
    LongAccumulator failures = spark.sparkContext().longAccumulator("longreach.failures");
    Broadcast<CostPlan> planned = context.broadcast(plan);
    EmbedTask task =
        new EmbedTask(
            options,
            context.broadcast(new SerializableConfiguration(context.hadoopConfiguration())),
            request.output(),
            configuration,
            attempt,
            documentsDone,
            tokensDone,
            bytesDone,
            failures);
    JavaRDD<Row> rows =
        documents
            .mapPartitionsWithIndex(
                (partition, these) -> inTasks(partition, these, planned.value()), true)
            .mapToPair(pair -> pair)
            .partitionBy(new HashPartitioner(plan.tasks()))
            .values()
            .mapPartitions(task);
    FailureLimit limit =
        new FailureLimit(
            spark.sparkContext(), failures, request.maxFailures().orElse(Integer.MAX_VALUE));
    try (Progress progress =
        new Progress(out, plan.documents(), plan.bytes(), documentsDone, tokensDone, bytesDone)) {
      spark.sparkContext().addSparkListener(progress);
      spark.sparkContext().addSparkListener(limit);
      table.append(rows);
      spark.sparkContext().removeSparkListener(progress);
    } catch (Exception e) {
      // Spark's is checked, and undeclared.
      if (limit.exceeded()) {
        throw tooManyFailures();
      }
      throw e;
    }
    if (limit.exceeded()) {
      throw tooManyFailures();
    }
    spark.sparkContext().removeSparkListener(limit);
    return tokensDone.value();
  }

  private IllegalStateException tooManyFailures() {
    return new IllegalStateException(
        "more than "
            + request.maxFailures().orElse(Integer.MAX_VALUE)
            + " documents failed, see "
            + request.output()
            + "/"
            + ErrorTable.FOLDER
            + ": mend them and run the same command again");
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

  private void summarise(
      OutputTable table, CostPlan plan, ErrorTable.Tally failed, long tokens, double seconds) {
    Dataset<Row> output = table.rows();
    Row first = OutputScan.first(output, new ArrayList<>(plan.firstIds()));
    OutputScan scan = OutputScan.of(output, first);
    out.println();
    out.printf(
        Locale.ROOT,
        "documents  %,d, %,d failed%n",
        scan.documents + failed.documents,
        failed.documents);
    failed.reasons.forEach((error, count) -> out.printf("           %,d x %s%n", count, error));
    out.printf(
        Locale.ROOT, "tokens     %,d used of %,d%n", scan.tokensUsed, scan.tokens + failed.tokens);
    out.printf(
        Locale.ROOT,
        "speed      %,.0f tokens/s (%s)%n",
        tokens / seconds,
        Progress.duration(seconds));
    out.printf("pattern    %s%n", OutputScan.counted(scan.patterns));
    out.printf("device     %s%n", OutputScan.counted(scan.devices));
    out.printf("output     %s%n", request.output());
    if (failed.documents > 0) {
      out.printf("errors     %s/%s%n", request.output(), ErrorTable.FOLDER);
    }
    if (first != null && !scan.nearest.isEmpty()) {
      out.printf("%nNearest to %s:%n", first.getString(0));
      for (OutputScan.Neighbour neighbour : scan.nearest) {
        out.printf(Locale.ROOT, "  %.3f  %s%n", neighbour.similarity, neighbour.id);
      }
    }
  }
}
