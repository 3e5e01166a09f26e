package io.longreach.job.embed;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.longreach.encoders.Embedder;
import io.longreach.job.plan.CostPlan;
import io.longreach.job.plan.Totals;
import io.longreach.job.report.Phase;
import io.longreach.job.report.ReportJson;
import io.longreach.job.report.ReportPage;
import io.longreach.job.report.RunReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** Says what a run does and did: on the console, and as the report inside the output. */
final class RunSummary {
  static final String FOLDER = "_report";

  private final SparkSession spark;
  private final EmbedRequest request;
  private final PrintStream out;
  private final Instant begun;
  private final Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final long startNanos = System.nanoTime();
  private CostPlan plan;
  private String model;
  private long embedStart;
  private double embedSeconds;

  RunSummary(SparkSession spark, EmbedRequest request, PrintStream out, Instant begun) {
    this.begun = begun;
    this.spark = spark;
    this.request = request;
    this.out = out;
  }

  void begin(CostPlan planned, Embedder embedder) {
    plan = planned;
    model = embedder.model();
    Totals totals = plan.totals();
    if (totals.done() > 0) {
      out.printf(Locale.ROOT, "%,d documents are done already%n", totals.done());
    }
    out.printf(
        Locale.ROOT,
        "Embedding %,d documents (%,d bytes) with %s on %s in %d tasks on %d cores%n",
        totals.documents(),
        totals.bytes(),
        model,
        embedder.device(),
        plan.tasks(),
        spark.sparkContext().defaultParallelism());
    embedStart = System.nanoTime();
  }

  /** All documents are embedded and written. */
  void embedded() {
    embedSeconds = (System.nanoTime() - embedStart) / 1e9;
  }

  /** Reads back what is there, writes the report and prints the summary. */
  void end(OutputTable table, ErrorTable.Tally failed, RunListener run, Counters counters)
      throws IOException {
    OutputScan scan = OutputScan.of(table.rows());
    run.awaitEvents(spark.sparkContext());
    RunReport report = report(scan, failed, run, counters);
    write("report.json", ReportJson.bytes(report));
    write("report.html", ReportPage.bytes(report));
    print(report, failed);
    OutputScan.Nearest nearest = OutputScan.nearest(table.rows(), scan, plan.firstIds());
    if (nearest != null) {
      out.printf("%nNearest to %s:%n", nearest.id());
      for (OutputScan.Neighbour neighbour : nearest.neighbours()) {
        out.printf(Locale.ROOT, "  %.3f  %s%n", neighbour.similarity, neighbour.id);
      }
    }
  }

  private RunReport report(
      OutputScan scan, ErrorTable.Tally failed, RunListener run, Counters counters)
      throws IOException {
    RunReport.Run thisRun =
        new RunReport.Run(
            started.toString(),
            (System.nanoTime() - startNanos) / 1e9,
            spark.sparkContext().defaultParallelism(),
            run.tasks().size(),
            counters.documents.value(),
            counters.failures.value(),
            counters.tokens.value(),
            counters.tokensUsed.value(),
            counters.bytes.value(),
            plan.totals().done(),
            plan.totals().tokens(),
            run.lostAttempts());
    RunReport.Whole whole =
        new RunReport.Whole(
            scan.documents,
            scan.vectors,
            failed.documents,
            scan.tokens,
            scan.tokensUsed,
            failed.tokens,
            scan.lengths,
            scan.patterns,
            scan.devices,
            failed.kinds);
    return new RunReport(
        request.source().name(),
        request.output(),
        model,
        thisRun,
        whole,
        coreSeconds(Instant.now()),
        phases(run),
        plan.taskCosts(),
        run.tasks(),
        run.throughput(),
        earlierRuns());
  }

  /** Seconds of all cores from the start of the command until then. */
  private double coreSeconds(Instant end) {
    return Duration.between(begun, end).toMillis()
        / 1e3
        * spark.sparkContext().defaultParallelism();
  }

  private Map<Phase, Double> phases(RunListener run) {
    Map<Phase, Double> phases = run.phases();
    Instant first = Instant.ofEpochMilli(run.firstJobMillis());
    phases.merge(Phase.START, Math.max(0, coreSeconds(first)), Double::sum);
    return phases;
  }

  private Path file(String name) {
    return new Path(new Path(request.output(), FOLDER), name);
  }

  private FileSystem fileSystem() throws IOException {
    return new Path(request.output()).getFileSystem(spark.sparkContext().hadoopConfiguration());
  }

  private List<RunReport.Run> earlierRuns() throws IOException {
    Path last = file("report.json");
    if (!fileSystem().exists(last)) {
      return List.of();
    }
    try (InputStream in = fileSystem().open(last)) {
      return ReportJson.runs(in.readAllBytes());
    } catch (JsonProcessingException e) {
      // Torn by a run that died while it wrote: what it did is in the output all the same.
      return List.of();
    }
  }

  private void write(String name, byte[] bytes) throws IOException {
    try (OutputStream to = fileSystem().create(file(name), true)) {
      to.write(bytes);
    }
  }

  private void print(RunReport report, ErrorTable.Tally failed) {
    RunReport.Whole whole = report.whole();
    out.println();
    out.printf(
        Locale.ROOT,
        "documents  %,d, %,d failed%n",
        whole.documents() + failed.documents,
        failed.documents);
    failed.reasons.forEach((error, count) -> out.printf("           %,d x %s%n", count, error));
    out.printf(
        Locale.ROOT,
        "tokens     %,d used of %,d%n",
        whole.tokensUsed(),
        whole.tokens() + failed.tokens);
    out.printf(
        Locale.ROOT,
        "speed      %,.0f tokens/s (%s)%n",
        report.run().tokensUsed() / Math.max(1e-3, embedSeconds),
        Progress.duration(embedSeconds));
    out.printf("time       %s%n", report.shares());
    out.printf("pattern    %s%n", OutputScan.counted(whole.patterns()));
    out.printf("device     %s%n", OutputScan.counted(whole.devices()));
    out.printf("output     %s%n", request.output());
    out.printf("report     %s%n", file("report.html"));
    if (failed.documents > 0) {
      out.printf("errors     %s/%s%n", request.output(), ErrorTable.FOLDER);
    }
  }
}
