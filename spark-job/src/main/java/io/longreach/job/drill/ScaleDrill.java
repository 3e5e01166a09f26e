package io.longreach.job.drill;

import io.longreach.job.ExitStatus;
import io.longreach.job.drill.CpuSeconds.Part;
import io.longreach.job.report.ReportJson;
import io.longreach.job.report.TaskTiming;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The same balanced corpus on one worker of one core and on two, in turn: the ratio of their tokens
 * per second, as the job itself reports them, and of the whole time from submission to exit. In
 * between, the same documents without Spark in one process and in two: what is lost to the machine
 * and what to the job.
 */
public final class ScaleDrill {
  private static final Pattern SPEED = Pattern.compile("speed +([\\d,]+) tokens/s");
  private static final String WORDS =
      "the people of these states have entrusted their government with the care of the public ";
  private static final int LIMIT_SECONDS = 3600;
  private static final double CPU_EVERY_SECONDS = 2;

  /**
   * What to do.
   *
   * @param pairs runs on one worker and as many on two
   * @param documents of equal length
   * @param words of each document
   * @param tasks of each run; 0 for as many as the job chooses
   */
  public record Plan(int pairs, int documents, int words, int tasks) {}

  private final Installation installation;
  private final Path folder;
  private final Plan plan;
  private final PrintStream out;

  /**
   * A drill.
   *
   * @param folder for corpus, outputs and logs
   */
  public ScaleDrill(Installation installation, Path folder, Plan plan, PrintStream out) {
    this.installation = installation;
    this.folder = folder;
    this.plan = plan;
    this.out = out;
  }

  /** Runs it and prints the ratios. */
  public void run() throws IOException, InterruptedException {
    Path corpus = writeCorpus();
    List<ScalePair> pairs = new ArrayList<>();
    out.printf("| pair | one worker, tokens/s | two | ratio | whole run, s | two | ratio |%n");
    out.printf("|---:|---:|---:|---:|---:|---:|---:|%n");
    try (BareEncoders bare = new BareEncoders(folder, corpus);
        StandaloneCluster cluster = new StandaloneCluster(installation, folder, 2)) {
      for (int number = 0; number < plan.pairs(); number++) {
        ScalePair pair = pair(cluster, bare, corpus, number);
        pairs.add(pair);
        print(number + 1, pair);
      }
    }
    out.printf(
        Locale.ROOT,
        "%nTwo workers over one: %.2f x the tokens/s, %.2f x the whole run (medians)%n%n",
        ScaleTable.median(pairs, ScaleDrill::speedUp),
        ScaleTable.median(pairs, ScaleDrill::wholeSpeedUp));
    ScaleTable.print(pairs, out);
  }

  private static double speedUp(ScalePair pair) {
    return pair.two().tokensPerSecond() / pair.one().tokensPerSecond();
  }

  private static double wholeSpeedUp(ScalePair pair) {
    return pair.one().seconds() / pair.two().seconds();
  }

  private void print(int number, ScalePair pair) {
    out.printf(
        Locale.ROOT,
        "| %d | %,.0f | %,.0f | %.2f | %.1f | %.1f | %.2f |%n",
        number,
        pair.one().tokensPerSecond(),
        pair.two().tokensPerSecond(),
        speedUp(pair),
        pair.one().seconds(),
        pair.two().seconds(),
        wholeSpeedUp(pair));
  }

  private ScalePair pair(StandaloneCluster cluster, BareEncoders bare, Path corpus, int number)
      throws IOException, InterruptedException {
    // Whichever comes first may find a quieter machine: they take turns.
    boolean oneFirst = number % 2 == 0;
    BareEncoders.Reading before = bare.read();
    ScaleRun first = run(cluster, corpus, number, oneFirst ? 1 : 2);
    BareEncoders.Reading between = bare.read();
    ScaleRun second = run(cluster, corpus, number, oneFirst ? 2 : 1);
    ScaleRun one = oneFirst ? first : second;
    ScaleRun two = oneFirst ? second : first;
    return new ScalePair(one, two, before.mean(between));
  }

  private Path writeCorpus() throws IOException {
    Files.createDirectories(folder);
    Path corpus = folder.resolve("corpus.jsonl");
    String text = WORDS.repeat(plan.words() / WORDS.split(" ", -1).length + 1);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < plan.documents(); i++) {
      lines.add(String.format("{\"doc_id\": \"%d\", \"text\": \"document %d: %s\"}", i, i, text));
    }
    return Files.write(corpus, lines);
  }

  private ScaleRun run(StandaloneCluster cluster, Path corpus, int pair, int workers)
      throws IOException, InterruptedException {
    String name = "pair-" + pair + "-workers-" + workers;
    Path output = folder.resolve(name);
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("embed", corpus.toString(), "--output", output.toString()));
    if (plan.tasks() > 0) {
      arguments.addAll(List.of("--tasks", String.valueOf(plan.tasks())));
    }
    CpuSeconds cpu = new CpuSeconds();
    cpu.begin(Stream.concat(cluster.masterAndWorkers(), cluster.executors().stream()));
    long start = System.nanoTime();
    SparkProcess job =
        cluster.submit(
            name,
            List.of("--conf", "spark.cores.max=" + workers),
            arguments.toArray(new String[0]));
    await(job, cluster, cpu);
    double seconds = (System.nanoTime() - start) / 1e9;
    if (job.exitStatus(LIMIT_SECONDS) != ExitStatus.DONE) {
      throw new IllegalStateException(name + " failed:\n" + job.output());
    }
    Matcher speed = SPEED.matcher(job.output());
    if (!speed.find()) {
      throw new IllegalStateException(name + " does not tell its speed:\n" + job.output());
    }
    List<TaskTiming> tasks =
        ReportJson.tasks(Files.readAllBytes(output.resolve("_report/report.json")));
    return new ScaleRun(
        Double.parseDouble(speed.group(1).replace(",", "")),
        seconds,
        SteadyState.of(tasks, workers),
        cpu);
  }

  private static void await(SparkProcess job, StandaloneCluster cluster, CpuSeconds cpu)
      throws InterruptedException {
    for (double waited = 0; waited < LIMIT_SECONDS; waited += CPU_EVERY_SECONDS) {
      cpu.read(Part.DRIVER, Stream.of(job.handle()));
      cpu.read(Part.EXECUTORS, cluster.executors().stream());
      cpu.read(Part.MASTER_AND_WORKERS, cluster.masterAndWorkers());
      if (job.endsWithin(CPU_EVERY_SECONDS)) {
        return;
      }
    }
  }
}
