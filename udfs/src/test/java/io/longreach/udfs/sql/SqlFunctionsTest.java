package io.longreach.udfs.sql;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.HiveResult;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import scala.jdk.javaapi.CollectionConverters;

/** The functions in a real session that found them by itself, with the real minilm. */
class SqlFunctionsTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestSessions.open();
    spark
        .sql(
            "SELECT id, IF(id % 5 = 4, NULL, concat('document ', id)) AS text"
                + " FROM range(0, 10, 1, 2)")
        .createOrReplaceTempView("docs");
  }

  private static Object one(String sql) {
    List<Row> rows = spark.sql(sql).collectAsList();
    assertEquals(1, rows.size(), sql);
    return rows.get(0).get(0);
  }

  @Test
  void embedEqualsTheEncoderToTheBitAndNullGivesNull() {
    List<Row> rows = spark.sql("SELECT id, embed(text) FROM docs ORDER BY id").collectAsList();
    assertEquals(10, rows.size());
    try (Embedder embedder = Embedder.open(EmbedderOptions.defaults())) {
      for (Row row : rows) {
        if (row.getLong(0) % 5 == 4) {
          assertNull(row.get(1));
        } else {
          float[] expected =
              embedder
                  .embed(List.of(embedder.tokenize("document " + row.getLong(0))))
                  .get(0)
                  .vector();
          List<Float> found = row.getList(1);
          for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found.get(i), "dimension " + i + " of " + row.getLong(0));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT count(*) FROM docs WHERE embed(text) IS NULL                        | 2
          SELECT size(embed(text, dimensions => 16)) FROM docs WHERE id = 1          | 16
          SELECT embed_info(text).tokens FROM docs WHERE id = 1                      | 4
          SELECT embed_info(text, pattern => 'window(2)').pattern FROM docs WHERE id=1 | window(2)
          SELECT size(embed_tokens(text)) FROM docs WHERE id = 1                     | 4
          SELECT count_tokens(text) FROM docs WHERE id = 1                           | 4
          SELECT tokenize(text)[1].token FROM docs WHERE id = 1                      | document
          SELECT size(embed_chunks(repeat('some words ', 40), chunk_tokens => 32))   | 3
          SELECT round(cosine_similarity(embed(text), embed(text)), 5) FROM docs WHERE id=1 | 1.0
          SELECT cosine_similarity(array(1D, 0D), array(0D, 2D))                     | 0.0
          SELECT dot_product(array(1D, 2D), array(3D, 4D))                           | 11.0
          SELECT count(DISTINCT embed(text)) FROM docs                               | 8
          SELECT sum(size(embed(text))) FROM docs WHERE text IS NOT NULL             | 3072
          SELECT embed('', on_error => 'column').error                               | text is empty
          SELECT embed_chunks('One two.', spans => c)[1].embedding = c[1].embedding FROM (SELECT embed_chunks('One two.', chunk_tokens => 2) c) | true
          SELECT embed_chunks('One', on_error => 'column', spans => array(named_struct('start', 2, 'end', 9))).error LIKE 'spans must lie within%' | true
          SELECT embed_chunks('One', spans => CAST(NULL AS ARRAY<STRUCT<start INT, end INT>>)) | null
          SELECT embed_chunks(' ', on_error => 'column', spans => array(named_struct('start', 0, 'end', 1))).error | text is empty
          SELECT embed(NULL)                                                         | null
          SELECT embed(text, pattern => NULL) = embed(text) FROM docs WHERE id = 1   | true
          SELECT embed(text, 'minilm', 'dense') = embed(text) FROM docs WHERE id = 1 | true
          SELECT embed(text, pattern => concat('den', 'se')) = embed(text) FROM docs WHERE id = 1 | true
          SELECT length(embed(text, precision => 'binary')) FROM docs WHERE id = 1   | 48
          SELECT aggregate(embed(text, precision => 'int8'), 0, (a, x) -> greatest(a, abs(int(x)))) FROM docs WHERE id = 1 | 127
          SELECT cosine_similarity(embed(text), embed(text, precision => 'int8')) > 0.999 FROM docs WHERE id = 1 | true
          SELECT size(embed_chunks('One two. Three four five. Six.', chunk_by => 'sentences')) | 1
          SELECT size(embed_chunks('One two. Three four five. Six.', chunk_by => 'sentences', chunk_tokens => 1)) | 3
          SELECT embed_chunks('One two. Three four five. Six.', chunk_by => 'sentences', chunk_tokens => 8)[1].text | Six.
          SELECT max(e[0]) IS NOT NULL FROM (SELECT embed(text) e FROM docs)         | true
          WITH c AS (SELECT id, embed(text) e FROM docs) SELECT count(*) FROM c a JOIN c b ON a.e = b.e | 8
          SELECT count(*) FROM (SELECT embed(text) FROM docs UNION ALL SELECT embed(text) FROM docs) | 20
          """)
  void statement(String sql, String expected) {
    for (String setting : List.of("true", "false")) {
      spark.conf().set("spark.sql.codegen.wholeStage", setting);
      spark.conf().set("spark.sql.adaptive.enabled", setting);
      assertEquals(
          expected, String.valueOf(one(sql)), sql + ", codegen and adaptive execution " + setting);
    }
  }

  @Test
  void aSettingIsTheDefault() {
    spark.conf().set("spark.longreach.dimensions", "8");
    try {
      assertEquals(8, one("SELECT size(embed(text)) FROM docs WHERE id = 1"));
      assertEquals(9, one("SELECT size(embed(text, dimensions => 9)) FROM docs WHERE id = 1"));
    } finally {
      spark.conf().unset("spark.longreach.dimensions");
    }
  }

  @ParameterizedTest
  @EnumSource(SqlFunction.class)
  void examplesGiveWhatTheyShow(SqlFunction function) {
    for (SqlFunction.Example example : function.examples()) {
      Dataset<Row> rows = spark.sql("SELECT " + example.select());
      List<String> shown =
          CollectionConverters.asJava(
              HiveResult.hiveResultString(
                  ((org.apache.spark.sql.classic.Dataset<Row>) rows)
                      .queryExecution()
                      .executedPlan()));
      assertEquals(List.of(example.result()), shown, example.select());
    }
  }

  @Test
  void describeFunctionShowsEverything() {
    for (SqlFunction function : SqlFunction.values()) {
      String text =
          spark.sql("DESCRIBE FUNCTION EXTENDED " + function.sqlName()).collectAsList().toString();
      for (String part : List.of("Usage", "Arguments", "Examples", "Since")) {
        assertTrue(text.contains(part), function.sqlName() + " lacks " + part + ": " + text);
      }
    }
    assertNotNull(one("SELECT embed('a question')"));
    assertArrayEquals(
        new String[] {"embed(text)"}, spark.sql("SELECT embed(text) FROM docs").columns());
  }
}
