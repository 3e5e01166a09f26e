package io.longreach.udfs.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longreach.kernels.cuda.Gpus;
import java.util.Arrays;
import org.apache.spark.QueryContext;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a call fails at analysis, in Spark's manner. */
class SqlErrorsTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestSessions.open();
    spark
        .sql("SELECT id, string(id) AS text, array(1D) AS v FROM range(3)")
        .createOrReplaceTempView("docs");
    spark.sql("SELECT array(array(1D, 2D)) AS m").createOrReplaceTempView("matrices");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          SELECT embed(id) FROM docs                           | id              | text must be a STRING
          SELECT embed(text, pattern => 'windw(3)') FROM docs  | 'windw(3)'      | windw
          SELECT embed(text, pattern => text) FROM docs        | text            | pattern must be constant
          SELECT embed(text, model => 'no-such') FROM docs     | 'no-such'       | model must be
          SELECT embed(text, model => 3) FROM docs             | 3               | model must be a STRING
          SELECT embed(text, dimensions => '3') FROM docs      | '3'             | dimensions must be an INT
          SELECT embed(text, dimensions => 4000) FROM docs     | 4000            | dimensions must be at most
          SELECT embed(text, dimensions => -1) FROM docs       | -1              | dimensions must be a whole number from 0 on
          SELECT embed(text, dimensions => 99999999999) FROM docs | 99999999999  | dimensions must be
          SELECT embed(text, pooling => 'sum') FROM docs       | 'sum'           | pooling must be one of
          SELECT embed(text, prompt => 'none_such') FROM docs  | 'none_such'     | prompt must be one of the model's
          SELECT embed(text, positions => 'far') FROM docs     | 'far'           | positions must be
          SELECT embed(text, device => 'tpu') FROM docs        | 'tpu'           | device must be auto, cpu or cuda
          SELECT embed(text, precision => 'int4') FROM docs    | 'int4'          | precision must be float32, int8 or binary
          SELECT embed(text, on_error => 'hide') FROM docs     | 'hide'          | on_error must be
          SELECT embed(text, global_tokens => '3-') FROM docs  | '3-'            | globalTokens must be
          SELECT embed(text, global_tokens => text) FROM docs  | text            | globalTokens must be auto for a model that does not project global tokens apart, was a column
          SELECT embed(text, global_tokens => '0') FROM docs   | '0'             | globalTokens must be auto for a model that does not project global tokens apart, was [0]
          SELECT embed(text, global_tokens => 1.5 * id) FROM docs | 1.5 * id      | global_tokens must be a STRING or an ARRAY<INT>
          SELECT embed_chunks(text, chunk_tokens => 0) FROM docs | 0             | chunk_tokens must be
          SELECT embed_chunks(text, chunk_by => 'pages') FROM docs | 'pages'     | chunk_by must be
          SELECT embed_chunks(text, spans => array(3)) FROM docs | array(3)       | spans must be an ARRAY<STRUCT<start INT, end INT>>
          SELECT count_tokens(id) FROM docs                    | id              | text must be a STRING
          SELECT cosine_similarity(text, v) FROM docs          | text            | a vector must be
          SELECT dot_product(v, 3) FROM docs                   | 3               | a vector must be
          SELECT mean_embedding(text) FROM docs                | text            | a vector must be
          SELECT mean_embedding(v, 'x') FROM docs              | 'x'             | weight must be a number
          SELECT attention(m, m, 3, 'dense') FROM matrices     | 3               | value must be an ARRAY<ARRAY<FLOAT>>
          SELECT attention(m, m, m, 'window') FROM matrices    | 'window'        | window
          SELECT attention(m, m, m, NULL) FROM matrices        | NULL            | pattern must be given
          SELECT attention(m, m, m, '0: dense; *: window(2)') FROM matrices | '0: dense; *: window(2)' | pattern must be that of one layer
          SELECT attention(m, m, m, 'dense', 0) FROM matrices  | 0               | heads must be at least 1
          SELECT attention(m, m, m, 'dense', size(m)) FROM matrices | size(m)    | heads must be constant
          SELECT attention_mask('lsh(rounds=2, chunk=8)', 9)   | 'lsh(rounds=2, chunk=8)' | pattern must depend on positions
          SELECT attention_mask('dense', 1000000)              | 1000000         | tokens must be from 1 to 4096
          SELECT attention_mask('dense', 'x')                  | 'x'             | tokens must be an INT
          """)
  void theErrorPointsAtTheArgument(String sql, String argument, String reason) {
    AnalysisException failure = assertThrows(AnalysisException.class, () -> spark.sql(sql), sql);
    assertTrue(failure.getMessage().contains(reason), failure.getMessage());
    assertTrue(failure.getMessage().startsWith("[LONGREACH_INVALID_ARGUMENT] "));
    assertEquals("22023", failure.getSqlState());
    assertTrue(failure.getMessage().contains("SQLSTATE: 22023"), failure.getMessage());
    QueryContext[] contexts = failure.getQueryContext();
    assertEquals(1, contexts.length, failure.getMessage());
    assertEquals(argument, contexts[0].fragment(), failure.getMessage());
    assertTrue(failure.getMessage().contains("^"), failure.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT embed(text, modl => 'minilm') FROM docs             | UNRECOGNIZED_PARAMETER_NAME    | model
          SELECT embed(text, 'minilm', model => 'minilm') FROM docs  | DUPLICATE_ROUTINE_PARAMETER_ASSIGNMENT | model
          SELECT embed() FROM docs                                   | REQUIRED_PARAMETER_NOT_FOUND   | text
          SELECT dot_product(v, v, v) FROM docs                      | WRONG_NUM_ARGS                 | 3
          SELECT count_tokens(text, pattern => 'dense') FROM docs    | UNRECOGNIZED_PARAMETER_NAME    | pattern
          """)
  void namesAndNumbersGetSparksOwnErrors(String sql, String condition, String named) {
    AnalysisException failure = assertThrows(AnalysisException.class, () -> spark.sql(sql), sql);
    assertTrue(failure.getCondition().startsWith(condition), failure.getCondition());
    assertTrue(failure.getMessage().contains(named), failure.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "spark.longreach.model, no-such",
    "spark.longreach.pattern, windw(3)",
    "spark.longreach.dimensions, many",
    "spark.longreach.dimensions, 4000",
    "spark.longreach.maxTokens, -1",
    "spark.longreach.chunkTokens, 0",
    "spark.longreach.onError, hide",
    "spark.longreach.globalTokens, 3-",
    "spark.longreach.precision, int4"
  })
  void aBadSettingIsNamed(String setting, String value) {
    spark.conf().set(setting, value);
    try {
      AnalysisException failure =
          assertThrows(
              AnalysisException.class, () -> spark.sql("SELECT embed(text) FROM docs"), setting);
      assertTrue(failure.getMessage().contains(setting), failure.getMessage());
      assertTrue(failure.getMessage().contains(value), failure.getMessage());
      assertEquals("22023", failure.getSqlState());
    } finally {
      spark.conf().unset(setting);
    }
  }

  @Test
  void aGpuThatIsNotThereFailsBeforeAnyJob() {
    assumeTrue(Gpus.find().gpus().isEmpty(), "this machine has a GPU");
    int before = jobs();
    AnalysisException failure =
        assertThrows(
            AnalysisException.class,
            () -> spark.sql("SELECT embed(text, device => 'cuda') FROM docs"));
    assertTrue(failure.getMessage().contains("device=cuda cannot be used: "), failure.getMessage());
    assertTrue(failure.getMessage().contains("use device=cpu"), failure.getMessage());
    assertEquals("'cuda'", failure.getQueryContext()[0].fragment());
    assertEquals(before, jobs());
  }

  @Test
  void noJobStarts() {
    int before = jobs();
    assertThrows(
        AnalysisException.class, () -> spark.sql("SELECT embed(text, pooling => 'sum') FROM docs"));
    assertEquals(before, jobs());
  }

  private static int jobs() {
    return Arrays.stream(spark.sparkContext().statusTracker().getJobIdsForGroup(null))
        .toArray()
        .length;
  }
}
