package io.longreach.job.drill;

import io.longreach.job.ExitStatus;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.apache.spark.sql.SparkSession;

/**
 * Kills a process of a running job with SIGKILL at a random moment, again and again: a driver,
 * after which the same command is given again, an executor, or a worker, in whose place another
 * starts. Every run must end with the bits of a run that nobody disturbed, nothing twice, nothing
 * missing, and the files that had been committed at the kill as they were.
 */
public final class KillDrill {
  private static final int WORKERS = 2;
  private static final int LIMIT_SECONDS = 900;
  private static final double EARLIEST_SECONDS = 1;
  private static final double POLL_SECONDS = 0.02;
  private static final double JITTER_SECONDS = 0.5;

  /**
   * What to do.
   *
   * @param times kills
   * @param seed of the victims and the moments
   * @param arguments of {@code embed}, but for the output
   */
  public record Plan(int times, long seed, List<String> arguments) {
    public Plan {
      arguments = List.copyOf(arguments);
    }
  }

  private final Installation installation;
  private final SparkSession spark;
  private final Path folder;
  private final Plan plan;
  private final Random random;
  private final PrintStream out;
  private StandaloneCluster cluster;
  private OutputDigest expected;
  private double undisturbedSeconds;
  private int undisturbedFiles;
  private int submitted;
  private int number;
  private int failedAlive;

  /**
   * A drill.
   *
   * @param spark reads the outputs
   * @param folder for outputs and logs
   */
  public KillDrill(
      Installation installation, SparkSession spark, Path folder, Plan plan, PrintStream out) {
    this.installation = installation;
    this.spark = spark;
    this.folder = folder;
    this.plan = plan;
    this.random = new Random(plan.seed());
    this.out = out;
  }

  /** Runs it and says whether every run ended as it should. */
  public boolean run() throws IOException, InterruptedException {
    try (StandaloneCluster started = new StandaloneCluster(installation, folder, WORKERS)) {
      cluster = started;
      undisturbed();
      out.printf(
          "%n| run | killed | after | files committed by then | ended | documents | bits |%n");
      out.printf("|---:|---|---:|---:|---|---:|---|%n");
      int passed = 0;
      for (Victim victim : victims()) {
        passed += round(victim) ? 1 : 0;
      }
      out.printf(
          "%n%d of %d runs ended complete with the bits of the undisturbed run;"
              + " %d needed a second run although their driver was not killed%n",
          passed, plan.times(), failedAlive);
      return passed == plan.times();
    }
  }

  private void undisturbed() throws IOException, InterruptedException {
    Path output = folder.resolve("undisturbed");
    long start = System.nanoTime();
    requireDone(submit(output));
    undisturbedSeconds = (System.nanoTime() - start) / 1e9;
    undisturbedFiles = OutputState.of(output).parts().size();
    expected = OutputDigest.of(spark, output.toString());
    out.printf(
        Locale.ROOT,
        "Undisturbed: %,d documents in %d files, %.1f s from submission, sha256 %s%n",
        expected.documents(),
        undisturbedFiles,
        undisturbedSeconds,
        expected.shortHash());
  }

  /** Each as often as the others, in random order. */
  private List<Victim> victims() {
    List<Victim> victims = new ArrayList<>();
    for (int i = 0; i < plan.times(); i++) {
      victims.add(Victim.values()[i % Victim.values().length]);
    }
    Collections.shuffle(victims, random);
    return victims;
  }

  private boolean round(Victim victim) throws IOException, InterruptedException {
    number++;
    Path output = folder.resolve("run-" + number);
    for (int attempt = 1; ; attempt++) {
      Path tried = attempt == 1 ? output : folder.resolve("run-" + number + "-" + attempt);
      long start = System.nanoTime();
      SparkProcess job = submit(tried);
      boolean runs =
          random.nextBoolean()
              ? !job.endsWithin(
                  EARLIEST_SECONDS + random.nextDouble() * (undisturbedSeconds - EARLIEST_SECONDS))
              : runsUntil(tried, 1 + random.nextInt(undisturbedFiles - 1), job);
      if (runs && kill(victim, job)) {
        double killed = (System.nanoTime() - start) / 1e9;
        OutputState then = OutputState.of(tried);
        String ended = end(victim, tried, job);
        return report(victim, killed, then, ended, tried);
      }
      // It ended before its moment had come: that was no drill.
      job.exitStatus(LIMIT_SECONDS);
    }
  }

  /** Waits for so many files and a little longer, and says whether the job still runs then. */
  private boolean runsUntil(Path output, int files, SparkProcess job)
      throws IOException, InterruptedException {
    while (OutputState.of(output).parts().size() < files) {
      if (job.endsWithin(POLL_SECONDS)) {
        return false;
      }
    }
    return !job.endsWithin(random.nextDouble() * JITTER_SECONDS);
  }

  /** Returns whether there was something to kill. */
  private boolean kill(Victim victim, SparkProcess job) throws IOException, InterruptedException {
    switch (victim) {
      case DRIVER -> job.kill();
      case WORKER -> cluster.replaceWorker(random.nextInt(cluster.workers()));
      case EXECUTOR -> {
        List<ProcessHandle> executors = cluster.executors();
        while (executors.isEmpty()) {
          if (job.endsWithin(POLL_SECONDS)) {
            return false;
          }
          executors = cluster.executors();
        }
        executors.get(random.nextInt(executors.size())).destroyForcibly();
      }
    }
    return true;
  }

  /** How it went on. Whatever it says, a second run must finish what the first has left. */
  private String end(Victim victim, Path output, SparkProcess job)
      throws IOException, InterruptedException {
    int status = job.exitStatus(LIMIT_SECONDS);
    if (status == ExitStatus.DONE) {
      return "status 0";
    }
    failedAlive += victim == Victim.DRIVER ? 0 : 1;
    String first = victim == Victim.DRIVER ? "" : "status " + status + ", ";
    return first + "status " + submit(output).exitStatus(LIMIT_SECONDS) + " when run again";
  }

  private boolean report(Victim victim, double killed, OutputState then, String ended, Path output)
      throws IOException {
    OutputState now = OutputState.of(output);
    List<String> wrong = new ArrayList<>();
    String documents = "none";
    if (!ended.contains("status " + ExitStatus.DONE)) {
      wrong.add("it did not end well");
    }
    if (!now.isTidy()) {
      wrong.add("beside the parts lie " + now.others());
    }
    // A task that had committed but died before it could say so was in flight: it is done again.
    int inFlight = victim == Victim.DRIVER ? 0 : 1;
    if (then.changedIn(now).size() > inFlight) {
      wrong.add("done twice: " + then.changedIn(now));
    }
    if (!now.parts().isEmpty()) {
      OutputDigest digest = OutputDigest.of(spark, output.toString());
      documents = String.valueOf(digest.documents());
      if (digest.documents() != expected.documents() || digest.repeated() > 0) {
        wrong.add(digest.repeated() + " documents are there twice");
      }
      if (!digest.sha256().equals(expected.sha256())) {
        wrong.add("sha256 " + digest.shortHash());
      }
    }
    out.printf(
        Locale.ROOT,
        "| %d | %s | %.1f s | %d | %s | %s | %s |%n",
        number,
        victim.label(),
        killed,
        then.parts().size(),
        ended,
        documents,
        wrong.isEmpty() ? "same" : "WRONG: " + String.join("; ", wrong) + ", see " + folder);
    return wrong.isEmpty();
  }

  private SparkProcess submit(Path output) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("embed"));
    arguments.addAll(plan.arguments());
    arguments.addAll(List.of("--output", output.toString()));
    return cluster.submit("job-" + ++submitted, List.of(), arguments.toArray(new String[0]));
  }

  private static void requireDone(SparkProcess job) throws IOException, InterruptedException {
    if (job.exitStatus(LIMIT_SECONDS) != ExitStatus.DONE) {
      throw new IllegalStateException("the undisturbed run failed:\n" + job.output());
    }
  }
}
