package io.longreach.job;

import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.embed.EmbedJob;
import io.longreach.job.embed.EmbedRequest;
import io.longreach.job.input.InputFormat;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code longreach embed}: documents in, embeddings out. */
@Command(
    name = "embed",
    description = "Embeds documents and writes Parquet.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class EmbedCommand implements Callable<Integer> {
  /** The name of the documents that ship with the project. */
  static final String SAMPLE = "sample";

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "INPUT",
      defaultValue = SAMPLE,
      description = {
        "A file, folder or glob of documents, on any file system that Spark reads.",
        "'sample' (the default): about 40 State of the Union addresses that ship with Longreach."
      })
  private String input;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      defaultValue = "longreach-output/embeddings",
      description = "Where to write; must not exist (default: ${DEFAULT-VALUE}).")
  private String output;

  @Option(names = "--overwrite", description = "Replace what the output holds.")
  private boolean overwrite;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "text (one document a file), jsonl or parquet; by the file's name if not given.")
  private String format;

  @Option(
      names = "--id-column",
      paramLabel = "NAME",
      defaultValue = "doc_id",
      description = "Field of the document's name (default: ${DEFAULT-VALUE}).")
  private String idColumn;

  @Option(
      names = "--text-column",
      paramLabel = "NAME",
      defaultValue = "text",
      description = "Field of the document's text (default: ${DEFAULT-VALUE}).")
  private String textColumn;

  @Option(names = "--limit", paramLabel = "N", description = "Embed only the first N documents.")
  private Integer limit;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      defaultValue = "minilm",
      description = "minilm, or a checkpoint (default: ${DEFAULT-VALUE}).")
  private String model;

  @Option(
      names = "--pattern",
      paramLabel = "PATTERN",
      defaultValue = "auto",
      description = {
        "Attention pattern, for example 'window(256)' (default: ${DEFAULT-VALUE}:",
        "dense within the model's own positions, window(256) beyond)."
      })
  private String pattern;

  @Option(
      names = "--positions",
      paramLabel = "POLICY",
      defaultValue = "tile",
      description = "tile, stretch or native (default: ${DEFAULT-VALUE}).")
  private String positions;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      defaultValue = "0",
      description = "Truncate longer documents; 0 for never (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = "auto or cpu (default: ${DEFAULT-VALUE}).")
  private String device;

  @Option(
      names = "--tasks",
      paramLabel = "N",
      description = "Tasks to cut the work into (default: a few for each core).")
  private Integer tasks;

  @Override
  public Integer call() throws IOException {
    requirePositive("--limit", limit, "leave it out to embed all documents");
    requirePositive("--tasks", tasks, "leave it out for a few for each core");
    EmbedRequest request =
        new EmbedRequest(
            input.equals(SAMPLE) ? SampleCorpus.path() : input,
            Optional.ofNullable(format).map(InputFormat::parse),
            idColumn,
            textColumn,
            Optional.ofNullable(limit),
            output,
            overwrite ? EmbedRequest.Existing.OVERWRITE : EmbedRequest.Existing.REFUSE,
            new EmbedderOptions(model, pattern, positions, maxTokens, device, 1),
            Optional.ofNullable(tasks));
    try (SparkSession spark = Sessions.open("longreach embed")) {
      return new EmbedJob(spark, request, System.out).run();
    }
  }

  private static void requirePositive(String option, Integer value, String remedy) {
    if (value != null && value < 1) {
      throw new UsageException(option + " must be at least 1, was " + value + ": " + remedy);
    }
  }
}
