package io.longreach.job;

import io.longreach.job.embed.EmbedJob;
import io.longreach.job.embed.EmbedRequest;
import io.longreach.job.output.OutputTarget;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code longreach embed}: documents in, embeddings out. */
@Command(
    name = "embed",
    description = "Embeds documents and writes their vectors.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class EmbedCommand implements Callable<Integer> {

  private final Instant begun = Instant.now();

  @Mixin private InputOptions input;

  @Mixin private OutputOptions output;

  @Option(
      names = "--max-failures",
      paramLabel = "N",
      description = "Stop when more documents than this have failed (default: never).")
  private Integer maxFailures;

  @Option(names = "--limit", paramLabel = "N", description = "Embed only the first N documents.")
  private Integer limit;

  @Mixin private ModelOptions model;

  @Option(
      names = "--tasks",
      paramLabel = "N",
      description = "Tasks to cut the work into (default: by the work, a few for each core).")
  private Integer tasks;

  @Option(
      names = "--count-tokens",
      paramLabel = "HOW",
      defaultValue = "sampled",
      description = {
        "How tokens are counted before the work is shared out: sampled, or exact, which tokenizes",
        "everything twice (default: ${DEFAULT-VALUE})."
      })
  private String countTokens;

  @Option(
      names = "--dry-run",
      description = {
        "Print documents, tokens, FLOPs, tasks, predicted time and memory; write nothing."
      })
  private boolean dryRun;

  @Override
  public Integer call() throws IOException {
    requirePositive("--limit", limit, "leave it out to embed all documents");
    requirePositive("--tasks", tasks, "leave it out for a few for each core");
    if (maxFailures != null && maxFailures < 0) {
      throw new UsageException(
          "--max-failures must not be negative, was " + maxFailures + ": use 0 to allow none");
    }
    OutputTarget target = output.target();
    EmbedRequest request =
        new EmbedRequest(
            input.source(target.schema().keptColumns()),
            target,
            output.existing(),
            model.options(),
            planning(),
            Optional.ofNullable(maxFailures));
    try (SparkSession spark = Sessions.open("longreach embed")) {
      return new EmbedJob(spark, request, System.out, begun).run();
    }
  }

  private EmbedRequest.Planning planning() {
    return new EmbedRequest.Planning(
        Optional.ofNullable(limit),
        Optional.ofNullable(tasks),
        counts(),
        dryRun ? EmbedRequest.Action.PLAN : EmbedRequest.Action.EMBED);
  }

  private EmbedRequest.TokenCounts counts() {
    for (EmbedRequest.TokenCounts counts : EmbedRequest.TokenCounts.values()) {
      if (counts.name().equalsIgnoreCase(countTokens)) {
        return counts;
      }
    }
    throw new UsageException(
        "--count-tokens must be sampled or exact, was '" + countTokens + "': choose one of these");
  }

  private static void requirePositive(String option, Integer value, String remedy) {
    if (value != null && value < 1) {
      throw new UsageException(option + " must be at least 1, was " + value + ": " + remedy);
    }
  }
}
