package io.longreach.job.embed;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.ExitStatus;
import io.longreach.job.UsageException;
import io.longreach.job.input.Document;
import io.longreach.job.input.DocumentReader;
import io.longreach.job.input.DocumentSource;
import io.longreach.job.output.Copies;
import io.longreach.job.plan.CostModel;
import io.longreach.job.plan.CostPlan;
import io.longreach.job.plan.TokenCount;
import io.longreach.job.report.Phase;
import io.longreach.udfs.Embedders;
import io.longreach.udfs.TaskGpu;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** Reads documents, embeds them in tasks of equal cost, writes them and reports. */
public final class EmbedJob {
  private final SparkSession spark;
  private final JavaSparkContext context;
  private final EmbedRequest request;
  private final EmbedderOptions options;
  private final PrintStream out;
  private final Counters counters;
  private final RunListener run;
  private final Instant begun;

  /** A job that begins now. */
  public EmbedJob(SparkSession spark, EmbedRequest request, PrintStream out) {
    this(spark, request, out, Instant.now());
  }

  /**
   * A job.
   *
   * @param begun when the user asked for it, before there was a session
   */
  public EmbedJob(SparkSession spark, EmbedRequest request, PrintStream out, Instant begun) {
    this.spark = spark;
    this.begun = begun;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.request = request;
    this.options = request.options().withThreads(context.getConf().getInt("spark.task.cpus", 1));
    this.out = out;
    this.counters = Counters.register(spark.sparkContext());
    this.run = new RunListener(counters);
  }

  /** Classes that travel between driver and executors, for Kryo. */
  public static List<Class<?>> serializedClasses() {
    List<Class<?>> classes = new ArrayList<>(CostPlan.serializedClasses());
    classes.add(OutputScan.class);
    classes.add(OutputScan.Neighbour.class);
    return classes;
  }

  /**
   * Runs the job, or goes on with one that was stopped.
   *
   * @return {@link ExitStatus#DONE} or {@link ExitStatus#DONE_WITH_FAILURES}
   * @throws UsageException if the request cannot be: before anything is written
   */
  public int run() throws IOException {
    spark.sparkContext().addSparkListener(run);
    try {
      return runListened();
    } finally {
      context.setJobDescription(null);
      spark.sparkContext().removeSparkListener(run);
    }
  }

  private int runListened() throws IOException {
    RunSummary summary = new RunSummary(spark, request, out, begun);
    Copies.requireLibrary(spark, request.target().format());
    OutputTable table = open();
    Embedder embedder = checkModel();
    String configuration =
        DocumentKeys.configuration(embedder.model(), options, request.target().schema().chunking());
    requireSame(table, configuration);
    JavaRDD<Document> documents = new DocumentReader(spark, request.source()).read();
    boolean dry = request.planning().action() == EmbedRequest.Action.PLAN;
    boolean fresh = request.existing() == EmbedRequest.Existing.OVERWRITE;
    if (!fresh && !dry) {
      table.recover();
    }
    long[] keys = fresh ? new long[0] : table.keys();
    List<String> keptColumns = request.target().schema().keptColumns();
    DoneDocuments done = DoneDocuments.of(context, keys, configuration, keptColumns.size());
    CostModel costs = CostModel.of(Embedder.describe(options), options);
    if (!dry) {
      prepareToWrite(table);
    }
    CostPlan plan = plan(documents, costs, done);
    if (plan.totals().documents() + plan.totals().done() == 0
        && request.source().since().isEmpty()) {
      throw new UsageException("'" + request.source().input() + "' holds no documents");
    }
    if (dry) {
      new DryRun(context, options, costs, embedder, out).print(plan, request.planning().counts());
      return ExitStatus.DONE;
    }
    if (request.target().isCopied() && (plan.totals().documents() > 0 || !table.isCopied())) {
      new Copies(spark, request.target()).check();
    }
    begin(table, fresh, configuration);
    summary.begin(plan, embedder);
    ErrorTable errors = new ErrorTable(context.hadoopConfiguration(), request.output());
    int attempt = errors.nextAttempt();
    Broadcast<CostPlan> planned = context.broadcast(plan);
    if (plan.totals().documents() > 0) {
      embed(table, documents, planned, done, configuration, attempt);
      requireAllRead(plan);
    }
    summary.embedded();
    describe(Phase.OTHER);
    if (keys.length > 0 && plan.totals().documents() > 0) {
      // A row that no longer holds has a document that was embedded now, or failed.
      table.remove(new StaleRows(spark, documents, planned, configuration, keptColumns));
    }
    errors.keepOnly(attempt);
    ErrorTable.Tally failed = errors.tally();
    table.copy();
    summary.end(table, failed, run, counters);
    table.succeed();
    return failed.documents > 0 ? ExitStatus.DONE_WITH_FAILURES : ExitStatus.DONE;
  }

  /** While the driver waits for the executors to count. */
  private static void prepareToWrite(OutputTable table) {
    Thread loading = new Thread(table::prepare, "longreach-prepare");
    loading.setDaemon(true);
    // What is wrong is said where it is in the way: when the table is written.
    loading.setUncaughtExceptionHandler((thread, problem) -> {});
    loading.start();
  }

  /**
   * Counters may count a repeated task twice, but leave nothing out: what is missing is missing.
   */
  private void requireAllRead(CostPlan plan) {
    long embedded = counters.documents.value();
    if (embedded < plan.totals().documents() && request.planning().limit().isEmpty()) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "the input had %,d documents to embed when it was planned and %,d when it was read:"
                  + " leave it as it is during a run, and run the same command again",
              plan.totals().documents(),
              embedded));
    }
  }

  private void describe(Phase phase) {
    context.setJobDescription(phase.description());
  }

  private OutputTable open() {
    try {
      OutputTable table = new OutputTable(spark, request.target());
      boolean ours =
          request.existing() == EmbedRequest.Existing.REFUSE && table.begun().isPresent();
      boolean files = request.source().kind() == DocumentSource.Kind.FILES;
      new OutputFolder(context.hadoopConfiguration(), request.output())
          .requireWritable(
              ours ? EmbedRequest.Existing.UPDATE : request.existing(),
              files ? request.source().input() : "");
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
    if (begun.isEmpty() || request.existing() == EmbedRequest.Existing.OVERWRITE) {
      return;
    }
    String layout = begun.get().get(2);
    if (!layout.equals(request.target().layout())) {
      throw new UsageException(
          "the output '"
              + request.output()
              + "' exists and holds "
              + layout
              + ", not "
              + request.target().layout()
              + ": name another, or add --overwrite");
    }
    if (request.existing() == EmbedRequest.Existing.REFUSE
        && !begun.get().subList(0, 2).equals(List.of(inputName(), configuration))) {
      throw new UsageException(
          "the output '"
              + request.output()
              + "' exists: name another, or add --overwrite, or --update to embed what is new or"
              + " changed");
    }
  }

  private String inputName() {
    DocumentSource source = request.source();
    return source.name()
        + " "
        + source.idColumn()
        + " "
        + source.textColumn()
        + source.globalTokensColumn().map(column -> " " + column).orElse("");
  }

  private CostPlan plan(JavaRDD<Document> documents, CostModel costs, CostPlan.Done done) {
    describe(Phase.PLAN);
    boolean exact = request.planning().counts() == EmbedRequest.TokenCounts.EXACT;
    return CostPlan.of(
        documents,
        new CostPlan.Request(
            exact ? TokenCount.exact(options) : TokenCount.sampled(options),
            costs,
            done,
            request.planning().tasks(),
            context.defaultParallelism(),
            request.planning().limit()));
  }

  /** Plans, embeds and writes, without checks and without a summary. */
  void embed(JavaRDD<Document> documents) throws IOException {
    OutputTable table = new OutputTable(spark, request.target());
    table.delete();
    table.begin("", "");
    DoneDocuments done = DoneDocuments.of(context, new long[0], "", 0);
    CostModel costs = CostModel.of(Embedder.describe(options), options);
    embed(table, documents, context.broadcast(plan(documents, costs, done)), done, "", 1);
  }

  /** Opens the model here first, where what is wrong with it can still be said in one line. */
  private Embedder checkModel() {
    try {
      TaskGpu.requireScheduled(context.getConf(), options);
      request
          .source()
          .globalTokensColumn()
          .map(column -> "the column '" + column + "'")
          .ifPresent(Embedder.describe(options).attention()::requireGlobalTokens);
      return Embedders.get(options);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private void embed(
      OutputTable table,
      JavaRDD<Document> documents,
      Broadcast<CostPlan> plan,
      DoneDocuments done,
      String configuration,
      int attempt)
      throws IOException {
    describe(Phase.WRITE);
    EmbedTask task =
        new EmbedTask(
            options,
            context.broadcast(new SerializableConfiguration(context.hadoopConfiguration())),
            request.output(),
            request.target().schema(),
            configuration,
            attempt,
            counters);
    JavaRDD<Row> rows =
        documents
            .mapPartitionsWithIndex(
                (partition, these) -> new InTasks(partition, these, plan.value(), done), true)
            .mapToPair(pair -> pair)
            .partitionBy(new HashPartitioner(plan.value().tasks()))
            .values()
            .mapPartitions(task);
    FailureLimit limit =
        new FailureLimit(
            spark.sparkContext(), run, counters, request.maxFailures().orElse(Integer.MAX_VALUE));
    spark.sparkContext().addSparkListener(limit);
    try (Progress progress = new Progress(out, plan.value().totals(), run, counters)) {
      table.append(rows);
      run.awaitEvents(spark.sparkContext());
    } catch (Exception e) {
      // Spark's is checked, and undeclared.
      if (limit.exceeded()) {
        throw tooManyFailures();
      }
      throw e;
    } finally {
      spark.sparkContext().removeSparkListener(limit);
    }
    if (limit.exceeded()) {
      throw tooManyFailures();
    }
  }

  private IllegalStateException tooManyFailures() {
    return new IllegalStateException(
        String.format(
            Locale.ROOT,
            "more than %d documents failed, see %s/%s: mend them and run the same command again",
            request.maxFailures().orElse(Integer.MAX_VALUE),
            request.output(),
            ErrorTable.FOLDER));
  }
}
