package io.longreach.job;

import io.longreach.job.drill.Installation;
import io.longreach.job.drill.KillDrill;
import io.longreach.job.drill.ManyDrill;
import io.longreach.job.drill.ScaleDrill;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code longreach drill}: the job, put to the test. */
@Command(
    name = "drill",
    description = {
      "Puts the job to the test: kill and scale on a standalone cluster of a master and two workers of",
      "one core on this machine, many in this process."
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "kill|scale|many")
final class DrillCommand {

  @Command(
      name = "kill",
      description = {
        "Kills driver, executors and workers (kill -9) at random moments and goes on. Exit status 1",
        "unless every run ends complete, with the bits of a run that nobody disturbed."
      },
      mixinStandardHelpOptions = true,
      sortOptions = false)
  int kill(
      @Option(names = "--times", paramLabel = "N", defaultValue = "20", description = "Kills (20).")
          int times,
      @Option(
              names = "--seed",
              paramLabel = "N",
              defaultValue = "1",
              description = "Of victims and moments (1).")
          long seed,
      @Option(
              names = "--max-tokens",
              paramLabel = "N",
              defaultValue = "512",
              description =
                  "Of each of the sample's documents, so that a run takes seconds (512); 0 for all.")
          int maxTokens,
      @Option(
              names = "--tasks",
              paramLabel = "N",
              defaultValue = "16",
              description = "Tasks of a run (16).")
          int tasks,
      @Option(
              names = "--folder",
              paramLabel = "DIR",
              description = "For outputs and logs (default: a new temporary one).")
          Path folder)
      throws IOException, InterruptedException {
    requirePositive("--times", times);
    if (tasks < 2) {
      throw new UsageException(
          "--tasks must be at least 2, was " + tasks + ": leave it out for the default");
    }
    Installation installation = Installation.ofCommandLine();
    List<String> arguments =
        List.of(
            installation.sample().toString(),
            "--max-tokens",
            String.valueOf(maxTokens),
            "--tasks",
            String.valueOf(tasks));
    try (SparkSession spark = Sessions.local("longreach drill", 1)) {
      KillDrill drill =
          new KillDrill(
              installation,
              spark,
              folder(folder),
              new KillDrill.Plan(times, seed, arguments),
              System.out);
      return drill.run() ? ExitStatus.DONE : ExitStatus.FAILED;
    }
  }

  @Command(
      name = "scale",
      description = {
        "Runs a balanced corpus on one worker and on two, and prints the ratios. A second table says",
        "where the rest has gone: what this machine gives two bare encoders over one, the middle of",
        "the runs, warm-up, executors without a task, CPU time."
      },
      mixinStandardHelpOptions = true,
      sortOptions = false)
  int scale(
      @Option(
              names = "--pairs",
              paramLabel = "N",
              defaultValue = "3",
              description = "Runs on one worker, and as many on two (3).")
          int pairs,
      @Option(
              names = "--documents",
              paramLabel = "N",
              defaultValue = "256",
              description = "Documents of equal length (256).")
          int documents,
      @Option(
              names = "--words",
              paramLabel = "N",
              defaultValue = "1500",
              description = "Of each document (1500).")
          int words,
      @Option(
              names = "--tasks",
              paramLabel = "N",
              defaultValue = "0",
              description = "Tasks of a run (0: as the job chooses).")
          int tasks,
      @Option(
              names = "--folder",
              paramLabel = "DIR",
              description = "For outputs and logs (default: a new temporary one).")
          Path folder)
      throws IOException, InterruptedException {
    requirePositive("--pairs", pairs);
    requirePositive("--documents", documents);
    requirePositive("--words", words);
    if (tasks < 0) {
      throw new UsageException(
          "--tasks must be at least 0, was " + tasks + ": leave it out for the default");
    }
    Installation installation = Installation.ofCommandLine();
    ScaleDrill.Plan plan = new ScaleDrill.Plan(pairs, documents, words, tasks);
    new ScaleDrill(installation, folder(folder), plan, System.out).run();
    return ExitStatus.DONE;
  }

  @Command(
      name = "many",
      description = {
        "Embeds very many short documents with a model of random weights, and goes on with what is",
        "done already: seconds and heap (its size is LONGREACH_HEAP). Exit status 1 unless each",
        "document is there once."
      },
      mixinStandardHelpOptions = true,
      sortOptions = false)
  int many(
      @Option(
              names = "--documents",
              paramLabel = "N",
              defaultValue = "1000000",
              description = "Documents (1000000).")
          int documents,
      @Option(
              names = "--tokens",
              paramLabel = "N",
              defaultValue = "200",
              description = "Of each document, about (200).")
          int tokens,
      @Option(
              names = "--folder",
              paramLabel = "DIR",
              description = "For input and output (default: a new temporary one).")
          Path folder)
      throws IOException {
    requirePositive("--documents", documents);
    requirePositive("--tokens", tokens);
    Path at = folder(folder);
    try (SparkSession spark =
        Sessions.local("longreach drill", Runtime.getRuntime().availableProcessors())) {
      return new ManyDrill(spark, at, documents, tokens, System.out).run()
          ? ExitStatus.DONE
          : ExitStatus.FAILED;
    }
  }

  private static Path folder(Path asked) throws IOException {
    Path folder =
        asked == null
            ? Files.createTempDirectory("longreach-drill")
            : Files.createDirectories(asked).toAbsolutePath();
    try (var files = Files.list(folder)) {
      if (files.findAny().isPresent()) {
        throw new UsageException("--folder must be empty, was '" + asked + "': name another");
      }
    }
    System.out.println("Outputs and logs are in " + folder);
    return folder;
  }

  private static void requirePositive(String option, int value) {
    if (value < 1) {
      throw new UsageException(
          option + " must be at least 1, was " + value + ": leave it out for the default");
    }
  }
}
