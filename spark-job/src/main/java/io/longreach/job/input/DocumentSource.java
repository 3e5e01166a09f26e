package io.longreach.job.input;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where documents come from.
 *
 * @param input path, table or query
 * @param name what the user calls the input: it stays the same from run to run
 * @param globalTokensColumn of each document's own global tokens: their text form, or an array of
 *     positions; NULL for those that the options say
 * @param keptColumns whose values travel with the documents, as strings
 * @param since only what is as new as this: rows by a column, otherwise files by their modification
 */
public record DocumentSource(
    Kind kind,
    String input,
    String name,
    Optional<InputFormat> format,
    String idColumn,
    String textColumn,
    Optional<String> globalTokensColumn,
    List<String> keptColumns,
    Optional<Since> since) {

  /**
   * What is new.
   *
   * @param column of dates or timestamps; files by their modification if not given
   */
  public record Since(Instant time, Optional<String> column) {}

  /** All documents of files, nothing kept. */
  public DocumentSource(
      Kind kind,
      String input,
      String name,
      Optional<InputFormat> format,
      String idColumn,
      String textColumn) {
    this(
        kind,
        input,
        name,
        format,
        idColumn,
        textColumn,
        Optional.empty(),
        List.of(),
        Optional.empty());
  }

  /** Columns that the input must have. */
  List<String> columns() {
    List<String> columns = new ArrayList<>(List.of(idColumn, textColumn));
    globalTokensColumn.ifPresent(columns::add);
    columns.addAll(keptColumns);
    since.flatMap(Since::column).ifPresent(columns::add);
    return columns;
  }

  /** What the input's name means. */
  public enum Kind {
    FILES,
    TABLE,
    QUERY
  }
}
