package io.longreach.udfs.sql.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.udfs.arrow.TaskMemory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same rows with and without batches, code generation, adaptive execution and partitions, and
 * with batches that leave as rows and as columns.
 */
class StatementsTest {
  @TempDir static Path folder;
  private static PlanSession session;
  private static List<Statement> statements;
  private static List<List<String>> expected;

  private record Statement(String sql, boolean ordered) {}

  private record Way(
      boolean batched, boolean codegen, boolean adaptive, int partitions, boolean columns) {}

  @BeforeAll
  static void start() throws IOException {
    session = new PlanSession(folder);
    statements = read();
    expected = new ArrayList<>();
    List<String> empty = new ArrayList<>();
    prepare(new Way(false, true, true, 1, false));
    for (Statement statement : statements) {
      try {
        expected.add(rows(statement));
      } catch (Exception e) {
        throw new IllegalStateException(statement.sql(), e);
      }
      if (expected.get(expected.size() - 1).isEmpty()) {
        empty.add(statement.sql());
      }
    }
    assertTrue(empty.size() < 5, "statements without rows tell little: " + empty);
  }

  @AfterAll
  static void stop() {
    session.close();
  }

  @AfterEach
  void nothingIsLeft() {
    assertEquals(List.of(), List.copyOf(TaskMemory.allocator().getChildAllocators()));
    assertEquals(0, TaskMemory.allocator().getAllocatedMemory());
  }

  private static List<Statement> read() throws IOException {
    try (InputStream in = StatementsTest.class.getResourceAsStream("/sql/statements.sql")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return Stream.of(text.split(";\n"))
          .filter(part -> !part.isBlank())
          .map(
              part ->
                  new Statement(
                      part.replaceAll("(?m)^--.*$", "").strip(), part.contains("-- ORDERED")))
          .toList();
    }
  }

  private static void prepare(Way way) {
    session.spark.sql("DROP VIEW IF EXISTS cached");
    session.spark.conf().set("spark.longreach.sql.batched", way.batched());
    session.spark.conf().set("spark.longreach.sql.batchTokens", way.partitions() == 1 ? 20 : 8192);
    session.spark.conf().set("spark.sql.codegen.wholeStage", way.codegen());
    session
        .spark
        .conf()
        .set("spark.sql.codegen.factoryMode", way.codegen() ? "FALLBACK" : "NO_CODEGEN");
    session.spark.conf().set("spark.sql.adaptive.enabled", way.adaptive());
    session.spark.conf().set(ColumnsWanted.KEY, way.columns());
    session.tables(way.partitions());
    session.spark.sql("CACHE TABLE cached AS SELECT id, text, embed(text) AS e FROM docs");
  }

  private static List<String> rows(Statement statement) {
    List<String> rows = session.rows(statement.sql());
    return statement.ordered() ? rows : rows.stream().sorted().toList();
  }

  static Stream<Way> ways() {
    return Stream.of(
        new Way(true, true, true, 8, false),
        new Way(true, false, false, 8, false),
        new Way(true, true, false, 1, false),
        new Way(true, false, true, 1, false),
        new Way(true, true, true, 8, true),
        new Way(true, false, false, 1, true));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void everyStatementGivesTheSameRows(Way way) {
    assertTrue(statements.size() >= 60, "statements: " + statements.size());
    prepare(way);
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < statements.size(); i++) {
      String sql = statements.get(i).sql();
      try {
        List<String> found = rows(statements.get(i));
        if (!found.equals(expected.get(i))) {
          wrong.add(sql + "\n  expected " + expected.get(i) + "\n  found    " + found);
        }
      } catch (Exception e) {
        wrong.add(sql + "\n  failed: " + e.toString().lines().findFirst().orElse(""));
      }
    }
    assertEquals("", String.join("\n", wrong), wrong.size() + " statements differ");
  }
}
