package io.longreach.job.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatementsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "SELECT 1;|true",
        "SELECT 1|false",
        "SELECT 1; |true",
        "SELECT 'a;|false",
        "SELECT 'a;';|true",
        "SELECT 1 -- a;|false",
        "SELECT /* ; |false",
        "SELECT /* ; */ 1;|true",
        "SELECT 1; SELECT 2|false",
        "BEGIN SELECT 1;|false",
        "BEGIN SELECT 1; END;|true"
      })
  void aStatementIsCompleteAtItsSemicolon(String text, boolean complete) {
    assertEquals(complete, Statements.isComplete(text), text);
  }

  @Test
  void semicolonsInQuotesAndCommentsCutNothing() {
    assertEquals(
        List.of("SELECT ';' /* ; */", "SELECT 2"),
        Statements.of("SELECT ';' /* ; */;\n\n;SELECT 2\n"));
  }
}
