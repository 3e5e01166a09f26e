package io.longreach.udfs.sql;

import java.util.Map;

/** {@code docs/sql.md} and {@code docs/configuration.md}, written from the declarations. */
final class ReferencePages {
  private static final String COMMAND =
      "mvn -pl udfs -am test -Dtest=ReferencePagesTest -Dsurefire.failIfNoSpecifiedTests=false"
          + " -Dlongreach.docs=write";
  private static final String WRITTEN =
      "<!-- Written from the code, and a test holds it to it: " + COMMAND + " -->\n\n";

  private ReferencePages() {}

  /** Pages by their file name in {@code docs}. */
  static Map<String, String> all() {
    return Map.of("sql.md", sql(), "configuration.md", configuration());
  }

  private static String sql() {
    StringBuilder page = new StringBuilder(WRITTEN);
    page.append(
        """
        # SQL functions

        `--jars longreach.jar` is enough: the functions, and their batches, register themselves in every
        session. (Where Spark does not look for that, `spark.sql.extensions` takes the same two:
        `io.longreach.udfs.sql.LongreachExtensions,io.longreach.udfs.sql.plan.PlanExtensions`.) Arguments are
        given by position or by name (`pattern => 'window(256)'`). Those with a setting as their default
        must be constant, but for `global_tokens`, which each row may have of its own; NULL stands for the
        default, and [configuration.md](configuration.md) lists the settings. What is wrong with a call fails its analysis, before any job starts, with condition
        `LONGREACH_INVALID_ARGUMENT` (SQLSTATE 22023), and points at the argument.

        """);
    for (SqlFunction function : SqlFunction.values()) {
      page.append("- [`").append(function.sqlName()).append("`](#").append(function.sqlName());
      page.append(")\n");
    }
    for (SqlFunction function : SqlFunction.values()) {
      append(page, function);
    }
    return page.toString();
  }

  private static void append(StringBuilder page, SqlFunction function) {
    page.append("\n## ").append(function.sqlName()).append("\n\n```\n");
    page.append(function.signature()).append("\n```\n\n").append(cell(function.usage()));
    page.append("\n\n| Argument | Type | |\n|---|---|---|\n");
    for (SqlParameter parameter : function.parameters()) {
      page.append("| `").append(parameter.name()).append("` | ").append(cell(parameter.type()));
      page.append(" | ").append(cell(parameter.doc())).append(" |\n");
    }
    page.append("\n```sql\n");
    for (SqlFunction.Example example : function.examples()) {
      page.append("> SELECT ").append(example.select()).append(";\n");
      page.append("  ").append(example.result()).append('\n');
    }
    page.append("```\n\nSince ").append(function.since()).append(".\n");
  }

  private static String configuration() {
    StringBuilder page = new StringBuilder(WRITTEN);
    page.append(
        """
        # Settings

        Defaults of the SQL functions' arguments and of the Java API's options: `SET` them in a session, or
        give them with `--conf` or in a properties file. An argument of a call precedes its setting. A value
        that cannot be fails the call's analysis and names the setting.

        | Setting | Default | |
        |---|---|---|
        """);
    for (Setting setting : Setting.all()) {
      page.append("| `").append(setting.key()).append("` | `").append(setting.initial());
      page.append("` | ").append(cell(setting.doc())).append(" |\n");
    }
    return page.toString();
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("<", "\\<");
  }
}
