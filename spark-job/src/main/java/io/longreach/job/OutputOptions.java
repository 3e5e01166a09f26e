package io.longreach.job;

import io.longreach.job.embed.EmbedRequest;
import io.longreach.job.output.Chunking;
import io.longreach.job.output.OutputFormat;
import io.longreach.job.output.OutputSchema;
import io.longreach.job.output.OutputTarget;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that say where vectors go, and how. */
final class OutputOptions {
  private static final int SENTENCE = 1;

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
      names = "--output-format",
      paramLabel = "FORMAT",
      defaultValue = "parquet",
      description = {
        "parquet, jsonl, jsonl.gz, orc, avro, arrow (IPC files), npy (NumPy matrices with JSON lines",
        "for their rows), delta or iceberg where the session has them (default: ${DEFAULT-VALUE})."
      })
  private String format;

  @Option(
      names = "--partition-by",
      paramLabel = "NAME",
      split = ",",
      description = "Columns of the input, or pattern, model or device, whose values name folders.")
  private List<String> partitionBy = List.of();

  @Option(
      names = "--output-table",
      paramLabel = "NAME",
      description = "A table of Spark's catalogs that gets the rows at the end, in one step.")
  private String table;

  @Option(
      names = "--table-mode",
      paramLabel = "MODE",
      defaultValue = "create",
      description = {
        "create, append what the table does not have, or overwrite it (default: ${DEFAULT-VALUE})."
      })
  private String tableMode;

  @Option(
      names = "--chunk-tokens",
      paramLabel = "N",
      description = {
        "One row for each N tokens, with vectors that know the whole document (late chunking)."
      })
  private Integer chunkTokens;

  @Option(
      names = "--chunk-by",
      paramLabel = "WHAT",
      description = {
        "tokens, or sentences: as many together as --chunk-tokens allows, or each by itself."
      })
  private String chunkBy;

  OutputTarget target() {
    return new OutputTarget(
        output,
        OutputFormat.parse(format),
        new OutputSchema(chunking(), partitionBy),
        Optional.ofNullable(table),
        tableMode());
  }

  private OutputTarget.TableMode tableMode() {
    for (OutputTarget.TableMode mode : OutputTarget.TableMode.values()) {
      if (mode.name().equalsIgnoreCase(tableMode)) {
        return mode;
      }
    }
    throw new UsageException(
        "--table-mode must be create, append or overwrite, was '"
            + tableMode
            + "': choose one of these");
  }

  private Chunking chunking() {
    if (chunkTokens == null && chunkBy == null) {
      return Chunking.none();
    }
    String by = chunkBy == null ? "tokens" : chunkBy.toLowerCase(Locale.ROOT);
    if (!by.equals("tokens") && !by.equals("sentences")) {
      throw new UsageException(
          "--chunk-by must be tokens or sentences, was '" + chunkBy + "': choose one of these");
    }
    if (by.equals("tokens") && chunkTokens == null) {
      throw new UsageException("--chunk-by tokens needs --chunk-tokens: try 256");
    }
    try {
      return by.equals("tokens")
          ? new Chunking(Chunking.By.TOKENS, chunkTokens)
          : new Chunking(Chunking.By.SENTENCES, chunkTokens == null ? SENTENCE : chunkTokens);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  /** What to do with an output that exists. */
  EmbedRequest.Existing existing() {
    if (overwrite && update) {
      throw new UsageException("--overwrite and --update exclude each other: leave one out");
    }
    return overwrite
        ? EmbedRequest.Existing.OVERWRITE
        : update ? EmbedRequest.Existing.UPDATE : EmbedRequest.Existing.REFUSE;
  }
}
