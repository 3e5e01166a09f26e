package io.longreach.udfs.sql.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.bench.SmallModel;
import io.longreach.udfs.arrow.TaskMemory;
import io.longreach.udfs.dataset.EmbedOptions;
import io.longreach.udfs.dataset.Longreach;
import io.longreach.udfs.sql.TestSessions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code global_tokens} as a column against the same ones as constants, row for row. */
class GlobalTokensSqlTest {
  @TempDir static Path folder;
  private static SparkSession spark;

  @BeforeAll
  static void start() throws IOException {
    spark = TestSessions.open();
    spark
        .conf()
        .set("spark.longreach.model", SmallModel.writeLongformer(folder.resolve("m")).toString());
    spark
        .sql(
            "SELECT id, IF(id = 4, NULL, repeat('some words and others ', 5)) AS text, marks,"
                + " CASE id WHEN 0 THEN array(3, 4) WHEN 1 THEN array() WHEN 3 THEN array(1L) END"
                + " AS positions FROM VALUES (0, '3-4'), (1, 'none'), (2, NULL), (3, '1'),"
                + " (4, '5') AS t(id, marks)")
        .repartition(2)
        .write()
        .parquet(folder.resolve("docs").toString());
    spark.read().parquet(folder.resolve("docs").toString()).createOrReplaceTempView("docs");
  }

  @AfterAll
  static void stop() {
    List.of("model", "sql.batched").forEach(name -> spark.conf().unset("spark.longreach." + name));
  }

  @AfterEach
  void nothingIsLeft() {
    assertEquals(List.of(), List.copyOf(TaskMemory.allocator().getChildAllocators()));
  }

  @ParameterizedTest
  @CsvSource({"true, marks", "true, positions", "false, marks", "false, positions"})
  void eachRowHasItsOwn(boolean batched, String column) {
    spark.conf().set("spark.longreach.sql.batched", batched);
    assertRows(
        "SELECT id, embed(text, global_tokens => "
            + column
            + ") AS e,"
            + " embed_info(text, global_tokens => "
            + column
            + ").pattern AS p FROM docs",
        constant("0", "3-4"),
        constant("1", "none"),
        constant("2", "auto"),
        constant("3", "1"),
        "SELECT 4 AS id, NULL AS e, NULL AS p");
    assertRows(
        "SELECT id FROM docs WHERE embed_info(text, global_tokens => "
            + column
            + ").pattern LIKE '%global(3-4)'",
        "SELECT 0 AS id");
    assertRows(
        "SELECT id, c.start AS s, c.embedding AS e FROM (SELECT id, explode(embed_chunks(text,"
            + " global_tokens => "
            + column
            + ", spans => array(named_struct('start', 2, 'end',"
            + " 9)))) AS c FROM docs WHERE id = 0)",
        "SELECT 0 AS id, c.start AS s, c.embedding AS e FROM (SELECT explode(embed_chunks(text,"
            + " global_tokens => '3-4', spans => array(named_struct('start', 2, 'end', 9)))) AS c"
            + " FROM docs WHERE id = 0)");
  }

  @Test
  void arraysMayBeConstant() {
    assertRows(
        "SELECT id, embed(text, global_tokens => array(3, 4)) AS e FROM docs",
        "SELECT id, embed(text, global_tokens => '3-4') AS e FROM docs");
    assertRows(
        "SELECT embed('a text of its own', global_tokens => array(2)) AS e",
        "SELECT embed('a text of its own', global_tokens => '2') AS e");
  }

  @Test
  void oneBatchEmbedsEachDocumentOnce() {
    spark.conf().set("spark.longreach.sql.batched", true);
    Dataset<Row> rows =
        spark.sql(
            "SELECT embed(text, global_tokens => marks), embed_info(text, global_tokens => marks)"
                + " FROM docs WHERE id < 4");
    rows.collectAsList();
    List<EmbedBatchExec> batches = PlanSession.batches(rows);
    assertEquals(1, batches.size(), "calls of one document share a pass");
    assertEquals(
        4L, batches.get(0).metrics().apply("textsEmbedded").value(), "one text, four documents");
    assertTrue(rows.columns()[0].contains("text, global_tokens => marks"), rows.columns()[0]);
  }

  @Test
  void whatCannotBeReadIsItsRowsFailure() {
    assertRows(
        "SELECT id, e.error LIKE '%was \\'3-\\'%' AS wrong FROM (SELECT id, embed(text,"
            + " global_tokens => IF(id = 1, '3-', marks), on_error => 'column') AS e FROM docs"
            + " WHERE id < 3)",
        "SELECT 0 AS id, NULL AS wrong",
        "SELECT 1 AS id, true AS wrong",
        "SELECT 2 AS id, NULL AS wrong");
  }

  @Test
  void optionsNameTheColumn() {
    EmbedOptions options = EmbedOptions.defaults().globalTokensColumn("marks");
    assertFalse(options.equals(EmbedOptions.defaults()));
    assertEquals(
        spark
            .sql("SELECT *, embed(text, global_tokens => marks) AS embedding FROM docs")
            .collectAsList()
            .toString(),
        Longreach.embed(spark.table("docs"), "text", options).collectAsList().toString());
  }

  private static String constant(String id, String globalTokens) {
    return "SELECT id, embed(text, global_tokens => '"
        + globalTokens
        + "') AS e, embed_info(text, global_tokens => '"
        + globalTokens
        + "').pattern AS p FROM docs WHERE id = "
        + id;
  }

  private static void assertRows(String sql, String... expected) {
    List<String> rows =
        spark.sql(String.join(" UNION ALL ", expected)).collectAsList().stream()
            .map(Row::toString)
            .sorted()
            .toList();
    assertFalse(rows.isEmpty());
    assertEquals(
        rows, spark.sql(sql).collectAsList().stream().map(Row::toString).sorted().toList(), sql);
  }
}
