package io.longreach.job.input;

import java.util.Optional;

/**
 * Where documents come from.
 *
 * @param input path, table or query
 * @param name what the user calls the input: it stays the same from run to run
 */
public record DocumentSource(
    Kind kind,
    String input,
    String name,
    Optional<InputFormat> format,
    String idColumn,
    String textColumn) {

  /** What the input's name means. */
  public enum Kind {
    FILES,
    TABLE,
    QUERY
  }
}
