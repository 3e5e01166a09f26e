package io.longreach.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqlCommandTest {

  @Test
  void statementsPrintTheirRows() {
    CommandRun run =
        CommandRun.of(
            "sql",
            "-e",
            "CREATE TEMPORARY VIEW t AS SELECT id, concat('a;', id) AS text FROM range(3);\n"
                + "SELECT id, text, size(embed(text)) FROM t ORDER BY id; -- done\n"
                + "SELECT count(*), min(year) FROM sample",
            "--conf",
            "spark.longreach.dimensions=7");
    assertEquals(ExitStatus.DONE, run.status(), run.err());
    List<String> lines = run.out().lines().toList();
    assertEquals(List.of("0\ta;0\t7", "1\ta;1\t7", "2\ta;2\t7"), lines.subList(0, 3));
    assertTrue(lines.get(3).startsWith("39\t1"), lines.get(3));
    assertEquals("", run.err());
  }

  @Test
  void aWrongStatementIsOneMessageAndNothingAfterItRuns() {
    CommandRun run =
        CommandRun.of("sql", "-e", "SELECT 1; SELECT embed('x', pattern => 'windw(3)'); SELECT 2");
    assertEquals(ExitStatus.USAGE, run.status());
    assertEquals("1", run.out().strip());
    assertTrue(run.err().contains("did you mean 'window'"), run.err());
    assertTrue(run.err().contains("SQLSTATE"), run.err());
    assertNoTrace(run);
    CommandRun unparsed = CommandRun.of("sql", "-e", "SELEC 1");
    assertEquals(ExitStatus.USAGE, unparsed.status());
    assertTrue(unparsed.err().contains("PARSE_SYNTAX_ERROR"), unparsed.err());
    assertNoTrace(unparsed);
  }

  @Test
  void aStatementThatFailsAsItRunsSaysWhy(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("statements.sql");
    Files.writeString(file, "SELECT embed(IF(id = 1, ' ', 'text')) FROM range(3);");
    CommandRun run = CommandRun.of("sql", "-f", file.toString());
    assertEquals(ExitStatus.FAILED, run.status());
    assertTrue(run.err().contains("text is empty"), run.err());
    assertNoTrace(run);
  }

  @Test
  void statementsComeFromTheStandardInput() {
    InputStream stdin = System.in;
    System.setIn(
        new ByteArrayInputStream("SELECT\n 1 + 1;\nSELECT ';'".getBytes(StandardCharsets.UTF_8)));
    try {
      CommandRun run = CommandRun.of("sql");
      assertEquals(ExitStatus.DONE, run.status(), run.err());
      assertEquals(List.of("2", ";"), run.out().lines().toList());
    } finally {
      System.setIn(stdin);
    }
  }

  @Test
  void wrongUseIsOneLine() {
    CommandRun missing = CommandRun.of("sql", "-f", "no-such.sql");
    assertEquals(ExitStatus.USAGE, missing.status());
    assertTrue(missing.err().contains("no-such.sql"), missing.err());
    CommandRun both = CommandRun.of("sql", "-f", "a.sql", "-e", "SELECT 1");
    assertEquals(ExitStatus.USAGE, both.status());
    assertEquals(1, both.errorLines().size(), both.err());
  }

  private static void assertNoTrace(CommandRun run) {
    assertFalse(run.err().contains("\tat "), run.err());
    assertFalse(run.err().contains("Exception"), run.err());
  }
}
