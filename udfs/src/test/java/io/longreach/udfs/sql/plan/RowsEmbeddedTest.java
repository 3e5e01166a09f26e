package io.longreach.udfs.sql.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.udfs.arrow.TaskMemory;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * As many texts are embedded as a statement needs: what the encoder was given, and what the nodes
 * count. {@code docs} has 24 rows, 20 of them with a text; {@code notes} has 12.
 */
class RowsEmbeddedTest {
  @TempDir static Path folder;
  private static PlanSession session;

  @BeforeAll
  static void start() {
    session = new PlanSession(folder);
    session.tables(2);
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          20 | SELECT id, embed(text) FROM docs
          20 | SELECT embed(text), embed_info(text), embed_tokens(text), embed(text, dimensions => 2) FROM docs
          20 | SELECT id, embed(text) FROM docs ORDER BY id
          20 | SELECT id, embed(text) FROM docs ORDER BY embed(text)[0]
          20 | SELECT id, e[0] FROM (SELECT id, embed(text) AS e FROM docs) ORDER BY e[0], id
          20 | SELECT id FROM docs WHERE embed(text)[0] < 9 ORDER BY id
          20 | SELECT id FROM docs ORDER BY embed(text)[0] LIMIT 3
          4  | SELECT id, embed(text) FROM docs ORDER BY id LIMIT 4
          4  | SELECT id, embed(text) FROM docs WHERE text IS NOT NULL LIMIT 4
          20 | SELECT grp, count(embed(text)) FROM docs GROUP BY grp
          20 | SELECT embed(text), count(*) FROM docs GROUP BY embed(text)
          20 | SELECT grp, max(embed(text)[0]), min(embed_info(text).tokens) FROM docs GROUP BY grp
          3  | SELECT embed(grp), count(*) FROM docs GROUP BY grp
          3  | SELECT grp, embed(max(text)) FROM docs GROUP BY grp
          20 | SELECT count(DISTINCT embed(text)) FROM docs
          20 | SELECT id, explode(embed_chunks(text, chunk_tokens => 2)) FROM docs
          20 | SELECT id, embed_chunks(text, spans => array(named_struct('start', 0, 'end', 4 + int(id % 2)))) FROM docs
          20 | SELECT id, embed_chunks(text, spans => s), embed_chunks(text, spans => s, dimensions => 2) FROM (SELECT *, array(named_struct('start', 0, 'end', 4)) AS s FROM docs)
          20 | SELECT id, x, embed(text) FROM docs LATERAL VIEW explode(embed(text)) v AS x
          10 | SELECT d.id, embed(d.text) FROM docs d JOIN range(12) r ON d.id = r.id
          32 | SELECT count(*) FROM docs d JOIN notes n ON embed(d.text) = embed(n.note)
          12 | SELECT d.id FROM docs d JOIN notes n ON d.id = n.doc_id WHERE embed(n.note)[0] > -9 AND d.id < 100
          9  | SELECT id FROM docs WHERE id < 10 AND embed(text)[0] > 0
          9  | SELECT id FROM docs WHERE embed(text)[0] > 0 AND id < 10
          11 | SELECT id FROM docs WHERE id < 10 OR embed(text)[0] > 0
          9  | SELECT id, CASE WHEN id < 10 THEN embed(text) END FROM docs
          9  | SELECT id, IF(id < 10, embed(text)[0], 0), IF(id < 4, embed(text)[1], 0) FROM docs
          22 | SELECT id, coalesce(embed(text), embed(grp)) FROM docs
          20 | SELECT id, embed(text) FROM docs WHERE embed(text)[0] < 9
          20 | SELECT id, e FROM (SELECT id, embed(text) AS e FROM docs) WHERE e[0] < 9
          20 | SELECT id, embed_info(text).tokens FROM docs WHERE embed(text, on_error => 'null') IS NOT NULL
          20 | SELECT id, e, e[0], size(e) FROM (SELECT id, embed(text) AS e FROM docs) WHERE e[0] < 9 AND e[1] < 9
          40 | SELECT id, embed(concat(text, embed_info(text).pattern)) FROM docs
          20 | SELECT max(e[0]) FROM (SELECT embed(text) AS e FROM docs WHERE id IN (SELECT id FROM docs))
          20 | WITH c AS (SELECT id, embed(text) AS e FROM docs) SELECT a.id, b.id FROM c a JOIN c b ON a.e = b.e
          20 | SELECT id, max(embed(text)[0]) OVER (PARTITION BY grp ORDER BY embed(text)[1]) FROM docs
          6  | SELECT * FROM (SELECT grp, text, row_number() OVER (PARTITION BY grp ORDER BY id) AS r FROM docs) WHERE r <= 2 AND embed(grp) IS NOT NULL
          32 | SELECT embed(text) FROM docs UNION ALL SELECT embed(note) FROM notes
          12 | SELECT id FROM docs WHERE id IN (SELECT doc_id FROM notes WHERE embed(note)[0] < 9)
          32 | SELECT id FROM docs WHERE embed(text) IN (SELECT embed(note) FROM notes)
          1  | SELECT id, text, embed('a constant') FROM docs
          0  | SELECT id, grp FROM (SELECT id, grp, embed(text) FROM docs)
          20 | SELECT id, embed(text), embed(text) FROM files
          2  | SELECT v, embed(v) FROM VALUES ('a'), ('b'), (NULL) AS t(v)
          """)
  void needed(int texts, String sql) {
    for (boolean adaptive : new boolean[] {true, false}) {
      session.spark.conf().set("spark.sql.adaptive.enabled", adaptive);
      session.embedded();
      Dataset<Row> rows = session.spark.sql(sql);
      rows.collectAsList();
      assertEquals(texts, session.embedded(), () -> sql + "\n" + PlanSession.execution(rows));
    }
  }

  @Test
  void theNodesCountWhatTheyDo() {
    session.embedded();
    Dataset<Row> rows = session.spark.sql("SELECT id, embed(text) FROM docs");
    rows.collectAsList();
    EmbedBatchExec node = PlanSession.batches(rows).get(0);
    assertEquals(24, value(node, "numOutputRows"));
    assertEquals(2, value(node, "batches"), "one a task");
    assertEquals(20, value(node, "textsEmbedded"));
    assertEquals(
        session.words.batches.stream().flatMap(List::stream).mapToInt(t -> t).sum(),
        value(node, "tokens"));
    for (String measured :
        List.of("tokenizing", "linear", "attention", "tokensPerSecond", "peakArrowBytes")) {
      assertTrue(value(node, measured) > 0, measured);
    }
  }

  private static long value(EmbedBatchExec node, String metric) {
    return (long) node.metrics().apply(metric).value();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void parquetIsReadWithoutRowsBetween(boolean vectorized) {
    session.spark.conf().set("spark.sql.parquet.enableVectorizedReader", vectorized);
    try {
      Dataset<Row> rows = session.spark.sql("SELECT id, embed(text) FROM files");
      rows.collectAsList();
      String plan = PlanSession.batches(rows).get(0).toString();
      assertTrue(plan.contains(vectorized ? "columnar input" : "row input"), plan);
    } finally {
      session.spark.conf().unset("spark.sql.parquet.enableVectorizedReader");
    }
  }

  @Test
  void aPassReadsTheColumnsOfThePassBelow() {
    Dataset<Row> rows = session.spark.sql("SELECT id, embed(text), embed(grp) FROM files");
    rows.collectAsList();
    List<EmbedBatchExec> passes = PlanSession.batches(rows);
    assertEquals(2, passes.size());
    String upper = passes.get(0).simpleString(99);
    String lower = passes.get(1).simpleString(99);
    assertTrue(upper.endsWith("columnar input, row output"), upper);
    assertTrue(lower.endsWith("columnar input, columnar output"), lower);
  }

  @Test
  void whereColumnsAreWantedArrowsOwnLeave() {
    session.spark.conf().set(ColumnsWanted.KEY, true);
    try {
      for (String sql :
          List.of("SELECT id, embed(text) FROM files", "SELECT id, embed(text) FROM docs")) {
        Dataset<Row> rows = session.spark.sql(sql);
        rows.collectAsList();
        String plan = PlanSession.execution(rows).executedPlan().toString();
        assertTrue(plan.contains("ColumnarToRow\n"), plan);
        assertEquals(24, value(PlanSession.batches(rows).get(0), "numOutputRows"), plan);
      }
    } finally {
      session.spark.conf().unset(ColumnsWanted.KEY);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT id FROM files WHERE embed(text)[1] > 0",
        "SELECT id FROM files WHERE id < 90 AND embed(text)[1] > 0",
        "SELECT id FROM files WHERE embed(upper(text))[1] > 0 AND embed(text)[1] > 0"
      })
  void columnsThatNobodyWantsAreNotRead(String sql) {
    String plan = PlanSession.execution(session.spark.sql(sql)).executedPlan().toString();
    assertTrue(plan.contains("ReadSchema: struct<id:bigint,text:string>"), plan);
  }

  @Test
  void explainShowsThePass() {
    String plan =
        session
            .spark
            .sql("EXPLAIN SELECT id, embed(text), embed(text, pattern => 'window(8)') FROM docs")
            .collectAsList()
            .get(0)
            .getString(0);
    assertTrue(plan.contains("model minilm, pattern window(8), device auto"), plan);
    assertTrue(
        plan.contains("pattern auto (dense to 512 tokens, then window(256)), device auto"), plan);
    assertTrue(plan.contains("estimated FLOPs "), plan);
    String formatted =
        session
            .spark
            .sql("EXPLAIN FORMATTED SELECT id, embed(text) FROM docs")
            .collectAsList()
            .get(0)
            .getString(0);
    assertTrue(formatted.contains("Embeds: EmbedBatch [embed("), formatted);
  }

  @Test
  void spansOfAColumnAreBatched() {
    session.embedded();
    session
        .spark
        .sql(
            "SELECT embed_chunks(text, spans => array(named_struct('start', 0, 'end', 4 + int(id %"
                + " 2)))) FROM docs")
        .collectAsList();
    assertEquals(2, session.words.batches.size(), "one a task: " + session.words.batches);
  }

  @Test
  void localRowsAreBatched() {
    Dataset<Row> rows = session.spark.sql("SELECT embed(v) FROM VALUES ('a'), ('b') AS t(v)");
    rows.collectAsList();
    assertEquals(1, PlanSession.batches(rows).size(), PlanSession.execution(rows).toString());
  }

  @Test
  void longTextsNeverStandTogether() {
    session.spark.conf().set("spark.longreach.sql.batchBytes", 1 << 20);
    session.spark.conf().set("spark.longreach.sql.batchTokens", 1 << 30);
    try {
      Dataset<Row> rows =
          session.spark.sql(
              "SELECT id, embed(concat(id, repeat('abcdefghijk', 100000))) FROM range(0, 8, 1, 1)");
      assertEquals(8, rows.collectAsList().size());
      EmbedBatchExec node = PlanSession.batches(rows).get(0);
      assertEquals(8, value(node, "batches"), "a document beyond the limit is one");
      long peak = value(node, "peakArrowBytes");
      assertTrue(peak < 6 << 20, "8 texts of 1.1 MB took " + peak + " bytes at once");
    } finally {
      session.spark.conf().unset("spark.longreach.sql.batchBytes");
      session.spark.conf().unset("spark.longreach.sql.batchTokens");
    }
  }

  @Test
  void batchesAreBoundedByTheirSettings() {
    session.spark.conf().set("spark.longreach.sql.batchTokens", 8);
    try {
      session.embedded();
      session.spark.sql("SELECT embed(text) FROM docs").collectAsList();
      assertTrue(session.words.batches.size() > 8, session.words.batches.toString());
    } finally {
      session.spark.conf().unset("spark.longreach.sql.batchTokens");
    }
  }
}
