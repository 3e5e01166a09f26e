package io.longreach.job;

import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.evaluate.Evaluation;
import io.longreach.job.input.Document;
import io.longreach.job.input.DocumentReader;
import io.longreach.job.input.DocumentSource;
import io.longreach.job.input.InputFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code longreach evaluate}: which setting finds the other half of a long document. */
@Command(
    name = "evaluate",
    description = {
      "Measures retrieval quality: the first tokens of every long document look for the next ones",
      "among those of all documents, and the other way round, in every setting."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "INPUT",
      defaultValue = InputOptions.SAMPLE,
      description = "A file, folder or glob of documents, or 'sample' (the default).")
  private String input;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "text, jsonl or parquet; by the file's name if not given.")
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
      names = "--positions",
      paramLabel = "POLICY",
      defaultValue = "tile",
      description = "tile, stretch or native (default: ${DEFAULT-VALUE}).")
  private String positions;

  @Option(
      names = "--setting",
      paramLabel = "SETTING",
      description = {
        "truncate(N), chunks(N) or an attention pattern; give it once for each setting.",
        "Without it a standard list is compared."
      })
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--half-tokens",
      paramLabel = "N",
      defaultValue = "2046",
      description = "Tokens of a half (default: ${DEFAULT-VALUE}).")
  private int halfTokens;

  @Option(
      names = "--documents",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Take so many documents, drawn at random (default: all).")
  private int documents;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the draw (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Threads (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(names = "--markdown", paramLabel = "FILE", description = "Write the table as a page.")
  private Path markdown;

  @Override
  public Integer call() throws IOException {
    if (halfTokens < 1 || documents < 2) {
      throw new UsageException("--half-tokens must be at least 1 and --documents at least 2");
    }
    try {
      new Evaluation(
              new EmbedderOptions(model, "auto", positions, 0, "auto", threads),
              settings.isEmpty() ? Evaluation.standardSettings() : settings,
              halfTokens,
              documents,
              seed,
              Optional.ofNullable(markdown))
          .run(texts(), input.substring(input.lastIndexOf('/') + 1), System.out);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
    return ExitStatus.DONE;
  }

  /** All texts, in the order of their names: the draw must not depend on Spark's partitions. */
  private List<String> texts() throws IOException {
    String path = input.equals(InputOptions.SAMPLE) ? SampleCorpus.path() : input;
    try (SparkSession spark = Sessions.open("longreach evaluate")) {
      List<Document> read =
          new ArrayList<>(
              new DocumentReader(
                      spark,
                      new DocumentSource(
                          DocumentSource.Kind.FILES,
                          path,
                          input,
                          Optional.ofNullable(format).map(InputFormat::parse),
                          idColumn,
                          textColumn))
                  .read()
                  .collect());
      read.sort(Comparator.comparing(Document::id));
      return read.stream()
          .filter(document -> document.utf8() != null && document.error() == null)
          .map(document -> new String(document.utf8(), StandardCharsets.UTF_8))
          .toList();
    }
  }
}
