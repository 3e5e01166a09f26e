package io.longreach.job.drill;

import io.longreach.job.ExitStatus;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The same balanced corpus on one worker of one core and on two, in turn: the ratio of their tokens
 * per second, as the job itself reports them, and of the whole time from submission to exit.
 */
public final class ScaleDrill {
  private static final Pattern SPEED = Pattern.compile("speed +([\\d,]+) tokens/s");
  private static final String WORDS =
      "the people of these states have entrusted their government with the care of the public ";
  private static final int LIMIT_SECONDS = 3600;

  /**
   * What to do.
   *
   * @param pairs runs on one worker and as many on two
   * @param documents of equal length
   * @param words of each document
   */
  public record Plan(int pairs, int documents, int words) {}

  private record Speed(double tokensPerSecond, double seconds) {}

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
    double[] ratios = new double[plan.pairs()];
    double[] wholeRatios = new double[plan.pairs()];
    out.printf("| pair | one worker, tokens/s | two | ratio | whole run, s | two | ratio |%n");
    out.printf("|---:|---:|---:|---:|---:|---:|---:|%n");
    try (StandaloneCluster cluster = new StandaloneCluster(installation, folder, 2)) {
      for (int pair = 0; pair < plan.pairs(); pair++) {
        // Whichever comes first may find a quieter machine: they take turns.
        boolean oneFirst = pair % 2 == 0;
        Speed first = run(cluster, corpus, pair, oneFirst ? 1 : 2);
        Speed second = run(cluster, corpus, pair, oneFirst ? 2 : 1);
        Speed one = oneFirst ? first : second;
        Speed two = oneFirst ? second : first;
        ratios[pair] = two.tokensPerSecond() / one.tokensPerSecond();
        wholeRatios[pair] = one.seconds() / two.seconds();
        out.printf(
            Locale.ROOT,
            "| %d | %,.0f | %,.0f | %.2f | %.1f | %.1f | %.2f |%n",
            pair + 1,
            one.tokensPerSecond(),
            two.tokensPerSecond(),
            ratios[pair],
            one.seconds(),
            two.seconds(),
            wholeRatios[pair]);
      }
    }
    out.printf(
        Locale.ROOT,
        "%nTwo workers over one: %.2f x the tokens/s, %.2f x the whole run (medians)%n",
        median(ratios),
        median(wholeRatios));
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

  private Speed run(StandaloneCluster cluster, Path corpus, int pair, int workers)
      throws IOException, InterruptedException {
    String name = "pair-" + pair + "-workers-" + workers;
    long start = System.nanoTime();
    SparkProcess job =
        cluster.submit(
            name,
            List.of("--conf", "spark.cores.max=" + workers),
            "embed",
            corpus.toString(),
            "--output",
            folder.resolve(name).toString());
    if (job.exitStatus(LIMIT_SECONDS) != ExitStatus.DONE) {
      throw new IllegalStateException(name + " failed:\n" + job.output());
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    Matcher speed = SPEED.matcher(job.output());
    if (!speed.find()) {
      throw new IllegalStateException(name + " does not tell its speed:\n" + job.output());
    }
    return new Speed(Double.parseDouble(speed.group(1).replace(",", "")), seconds);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
