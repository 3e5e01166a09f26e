package io.longreach.job;

import io.longreach.encoders.AttentionChoices;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.Pooling;
import io.longreach.encoders.VectorOptions;
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
      description =
          "Where to write; the same command goes on where it stopped (default: ${DEFAULT-VALUE}).")
  private String output;

  @Option(names = "--overwrite", description = "Replace what the output holds.")
  private boolean overwrite;

  @Option(
      names = "--update",
      description = {
        "Embed into the output what is new or changed (text, model or pattern) and keep the rest.",
        "Not needed to go on with the same input, model and pattern."
      })
  private boolean update;

  @Option(
      names = "--max-failures",
      paramLabel = "N",
      description = "Stop when more documents than this have failed (default: never).")
  private Integer maxFailures;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = {
        "text (one document a file), jsonl (also .gz and .zst), parquet, orc, csv or avro;",
        "by the file's name if not given."
      })
  private String format;

  @Option(
      names = "--table",
      paramLabel = "NAME",
      description = "Documents of a table of Spark's catalogs instead of INPUT.")
  private String table;

  @Option(
      names = "--query",
      paramLabel = "SQL",
      description = "Documents that a query selects instead of INPUT.")
  private String query;

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
      description = {
        "minilm, bge-small, a checkpoint folder, its URI, or org/name[@revision] of the hub",
        "(default: ${DEFAULT-VALUE})."
      })
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
      names = "--global-tokens",
      paramLabel = "TOKENS",
      defaultValue = "auto",
      description = {
        "Global tokens of a Longformer: auto (the first), none, or positions such as '0, 5, 8-11'",
        "(default: ${DEFAULT-VALUE})."
      })
  private String globalTokens;

  @Option(
      names = "--bigbird-random",
      paramLabel = "DRAW",
      defaultValue = "drawn",
      description = {
        "Random blocks of a BigBird: drawn as it was trained, or zero as its published",
        "implementation computes outside training (default: ${DEFAULT-VALUE})."
      })
  private String bigBirdRandom;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      defaultValue = "0",
      description = "Truncate longer documents; 0 for never (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--pooling",
      paramLabel = "POOLING",
      defaultValue = "auto",
      description = {
        "How tokens become one vector: mean, cls, max, last or weighted_mean",
        "(default: ${DEFAULT-VALUE}, what the model was made for)."
      })
  private String pooling;

  @Option(
      names = "--dimensions",
      paramLabel = "N",
      defaultValue = "0",
      description = {
        "Keep the first N dimensions of each vector, for models trained so; 0 for all",
        "(default: ${DEFAULT-VALUE})."
      })
  private int dimensions;

  @Option(
      names = "--prompt",
      paramLabel = "PROMPT",
      defaultValue = "auto",
      description = {
        "What goes before every text: a prompt's name in the checkpoint, a prefix such as 'query: ',",
        "or nothing if empty (default: ${DEFAULT-VALUE}, the checkpoint's default prompt)."
      })
  private String prompt;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = {
        "auto, cpu or cuda, the GPU that Spark gives to a task (default: ${DEFAULT-VALUE}, the GPU",
        "where there is one that works)."
      })
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
    if (maxFailures != null && maxFailures < 0) {
      throw new UsageException(
          "--max-failures must not be negative, was " + maxFailures + ": use 0 to allow none");
    }
    EmbedRequest request =
        new EmbedRequest(
            source(),
            input(),
            table != null ? table : query != null ? query : input,
            Optional.ofNullable(format).map(InputFormat::parse),
            idColumn,
            textColumn,
            Optional.ofNullable(limit),
            output,
            existing(),
            embedder(),
            Optional.ofNullable(tasks),
            Optional.ofNullable(maxFailures));
    try (SparkSession spark = Sessions.open("longreach embed")) {
      return new EmbedJob(spark, request, System.out).run();
    }
  }

  private EmbedderOptions embedder() {
    return new EmbedderOptions(
        model,
        pattern,
        positions,
        maxTokens,
        device,
        1,
        prompt,
        vector(),
        new AttentionChoices(globalTokens, bigBirdRandom));
  }

  private VectorOptions vector() {
    return new VectorOptions(Pooling.parse(pooling), dimensions, VectorOptions.Scale.UNIT);
  }

  private EmbedRequest.Source source() {
    if (table != null && query != null) {
      throw new UsageException("--table and --query exclude each other: leave one out");
    }
    if ((table != null || query != null) && !input.equals(SAMPLE)) {
      throw new UsageException(
          "'" + input + "' is one input and --table or --query another: leave one out");
    }
    return table != null
        ? EmbedRequest.Source.TABLE
        : query != null ? EmbedRequest.Source.QUERY : EmbedRequest.Source.FILES;
  }

  private String input() {
    if (table != null || query != null) {
      return table != null ? table : query;
    }
    return input.equals(SAMPLE) ? SampleCorpus.path() : input;
  }

  private EmbedRequest.Existing existing() {
    if (overwrite && update) {
      throw new UsageException("--overwrite and --update exclude each other: leave one out");
    }
    return overwrite
        ? EmbedRequest.Existing.OVERWRITE
        : update ? EmbedRequest.Existing.UPDATE : EmbedRequest.Existing.REFUSE;
  }

  private static void requirePositive(String option, Integer value, String remedy) {
    if (value != null && value < 1) {
      throw new UsageException(option + " must be at least 1, was " + value + ": " + remedy);
    }
  }
}
