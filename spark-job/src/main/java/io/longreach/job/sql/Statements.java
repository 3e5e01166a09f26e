package io.longreach.job.sql;

import java.util.List;
import org.apache.spark.sql.catalyst.util.StringUtils;
import scala.jdk.javaapi.CollectionConverters;

/** Text cut into SQL statements, by Spark's own rules for quotes, comments and scripts. */
final class Statements {
  /** Stands behind a text to see whether it becomes a statement of its own. */
  private static final String MARK = "LONGREACH_END_OF_TEXT";

  private Statements() {}

  /** The statements of a text without their semicolons; what is blank is left out. */
  static List<String> of(String text) {
    return split(text).stream().map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  /** Whether a text ends with a semicolon that ends a statement: not one in quotes, say. */
  static boolean isComplete(String text) {
    if (!text.stripTrailing().endsWith(";") || isOpenScript(text)) {
      return false;
    }
    List<String> statements = of(text + "\n" + MARK);
    return statements.get(statements.size() - 1).equals(MARK);
  }

  /** A script, BEGIN … END, holds statements of its own. */
  private static boolean isOpenScript(String text) {
    return text.matches("(?is)\\s*begin\\b.*") && !text.matches("(?is).*\\bend\\s*;\\s*");
  }

  private static List<String> split(String text) {
    return CollectionConverters.asJava(StringUtils.splitSemiColonWithIndex(text, true));
  }
}
