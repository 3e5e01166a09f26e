package io.longreach.job;

import io.longreach.encoders.bench.SmallModel;
import io.longreach.job.embed.SkewRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code longreach skew}: how equal the job makes its tasks. */
@Command(
    name = "skew",
    description = {
      "Runs the job on two cores over documents from ten tokens to a giant and compares the tasks:",
      "predicted cost and time of each, slowest over mean."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class SkewCommand implements Callable<Integer> {
  private static final int CORES = 2;
  private static final int FEWEST = 20;

  @Option(
      names = "--longest",
      paramLabel = "N",
      description = "Tokens of the longest document (default: ${DEFAULT-VALUE}).")
  private int longest = 1_000_000;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "Tokens of all documents together (default: ${DEFAULT-VALUE}).")
  private long tokens = 4_500_000;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "A model, or 'random' (the default): a BERT of random weights, 2 x 64.")
  private String model = "random";

  @Override
  public Integer call() throws IOException {
    if (longest < FEWEST || tokens < longest) {
      throw new UsageException(
          "--longest must be at least 20 and --tokens no less than it, were "
              + longest
              + " and "
              + tokens
              + ": leave them out for the defaults");
    }
    Path folder = Files.createTempDirectory("longreach-skew");
    try (SparkSession spark = Sessions.local("longreach skew", CORES)) {
      String chosen =
          model.equals("random") ? SmallModel.write(folder.resolve("model")).toString() : model;
      new SkewRun(spark, chosen, longest, tokens).run(folder, System.out);
    } finally {
      delete(folder);
    }
    return ExitStatus.DONE;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> below = Files.walk(folder)) {
      below
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
