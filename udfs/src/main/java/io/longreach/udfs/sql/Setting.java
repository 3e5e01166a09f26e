package io.longreach.udfs.sql;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.spark.sql.internal.SQLConf;

/**
 * A setting of a session, {@code spark.longreach.…}: declared once, for analysis and documentation
 * alike. {@code docs/configuration.md} is written from {@link #all}.
 *
 * @param initial value where the session has none
 * @param check throws IllegalArgumentException for a value that cannot be
 */
public record Setting(String key, String initial, String doc, Consumer<String> check) {

  /** All settings, in the order of the documentation. */
  public static List<Setting> all() {
    return Stream.concat(
            Arrays.stream(SqlArgument.values()).map(SqlArgument::setting),
            BatchSettings.ALL.stream())
        .toList();
  }

  /**
   * The value in a session.
   *
   * @throws IllegalArgumentException naming the setting, its value and the remedy
   */
  String read(SQLConf session) {
    String value = session.getConfString(key, initial).strip();
    try {
      check.accept(value);
    } catch (IllegalArgumentException e) {
      throw invalid(e.getMessage());
    }
    return value;
  }

  /** An error that names this setting. */
  IllegalArgumentException invalid(String reason) {
    return new IllegalArgumentException("setting " + key + ": " + reason);
  }
}
