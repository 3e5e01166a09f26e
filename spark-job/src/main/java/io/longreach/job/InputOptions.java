package io.longreach.job;

import io.longreach.job.input.DocumentSource;
import io.longreach.job.input.InputFormat;
import io.longreach.job.input.Times;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Options that say where documents come from. */
final class InputOptions {
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

  @Option(
      names = "--global-tokens-column",
      paramLabel = "NAME",
      description = {
        "Field of each document's own global tokens, for a Longformer: as --global-tokens, or an",
        "array of positions; where it is null, --global-tokens holds."
      })
  private String globalTokensColumn;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = {
        "Read only what is as new as this, for example 2026-11-25 or 2026-11-25T08:30:00Z: files by",
        "their modification, rows by --since-column. What is done stays."
      })
  private String since;

  @Option(
      names = "--since-column",
      paramLabel = "NAME",
      description = "Field of a document's date or time, for --since.")
  private String sinceColumn;

  /** The documents, with the values of some more columns. */
  DocumentSource source(List<String> keptColumns) {
    if (table != null && query != null) {
      throw new UsageException("--table and --query exclude each other: leave one out");
    }
    if ((table != null || query != null) && !input.equals(SAMPLE)) {
      throw new UsageException(
          "'" + input + "' is one input and --table or --query another: leave one out");
    }
    if (table != null) {
      return source(DocumentSource.Kind.TABLE, table, table, keptColumns);
    }
    if (query != null) {
      return source(DocumentSource.Kind.QUERY, query, query, keptColumns);
    }
    String path = input.equals(SAMPLE) ? SampleCorpus.path() : input;
    return source(DocumentSource.Kind.FILES, path, input, keptColumns);
  }

  private DocumentSource source(
      DocumentSource.Kind kind, String from, String name, List<String> keptColumns) {
    Optional<DocumentSource.Since> newer = since();
    if (newer.isPresent() && kind != DocumentSource.Kind.FILES && sinceColumn == null) {
      throw new UsageException("--since on a table or query needs --since-column: name its time");
    }
    return new DocumentSource(
        kind,
        from,
        name,
        Optional.ofNullable(format).map(InputFormat::parse),
        idColumn,
        textColumn,
        Optional.ofNullable(globalTokensColumn),
        keptColumns,
        newer);
  }

  private Optional<DocumentSource.Since> since() {
    if (since == null) {
      if (sinceColumn != null) {
        throw new UsageException("--since-column goes with --since: say since when");
      }
      return Optional.empty();
    }
    try {
      return Optional.of(
          new DocumentSource.Since(Times.parse(since), Optional.ofNullable(sinceColumn)));
    } catch (IllegalArgumentException e) {
      throw new UsageException("--since: " + e.getMessage());
    }
  }
}
