package io.longreach.udfs.dataset;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.Pooling;
import io.longreach.encoders.transformer.PositionPolicy;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Dense;
import io.longreach.udfs.sql.ChunkUnit;
import io.longreach.udfs.sql.OnError;
import io.longreach.udfs.sql.TestSessions;
import io.longreach.udfs.sql.VectorPrecision;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The Java API gives what the SQL of the same meaning gives. */
class LongreachTest {
  private static SparkSession spark;
  private static Dataset<Row> documents;

  @BeforeAll
  static void start() {
    spark = TestSessions.open();
    documents =
        spark.sql(
            "SELECT id, IF(id = 2, NULL, concat('One. Two and ', id, '.')) AS text FROM range(3)");
    documents.createOrReplaceTempView("few");
  }

  private static void assertSame(Dataset<Row> found, String sql) {
    Dataset<Row> expected = spark.sql(sql);
    assertEquals(expected.schema().simpleString(), found.schema().simpleString());
    assertEquals(expected.collectAsList().toString(), found.collectAsList().toString());
  }

  @Test
  void datasetsGetColumns() {
    EmbedOptions options =
        EmbedOptions.defaults()
            .model("minilm")
            .pattern("window(8)")
            .positions(PositionPolicy.STRETCH)
            .pooling(Pooling.MAX)
            .dimensions(4)
            .maxTokens(100)
            .prompt("text: ")
            .onError(OnError.NULL);
    String named =
        "model => 'minilm', pattern => 'window(8)', positions => 'stretch', pooling => 'max',"
            + " dimensions => 4, max_tokens => 100, prompt => 'text: ', on_error => 'null'";
    assertSame(
        Longreach.embed(documents, "text", options),
        "SELECT *, embed(text, " + named + ") AS embedding FROM few");
    assertSame(
        Longreach.embedInfo(documents, "text", options).select("info.tokens", "info.pattern"),
        "SELECT i.tokens, i.pattern FROM (SELECT embed_info(text, " + named + ") i FROM few)");
    assertSame(
        Longreach.countTokens(documents, "text", options),
        "SELECT *, count_tokens(text, prompt => 'text: ') AS tokens FROM few");
    EmbedOptions chunks =
        EmbedOptions.defaults()
            .chunkTokens(1)
            .chunkBy(ChunkUnit.SENTENCES)
            .precision(VectorPrecision.INT8);
    assertSame(
        Longreach.embedChunks(documents, "text", chunks),
        "SELECT *, explode_outer(embed_chunks(text, chunk_tokens => 1, chunk_by => 'sentences',"
            + " precision => 'int8')) AS chunk FROM few");
  }

  @Test
  void columnsAreExpressions() {
    EmbedOptions defaults = EmbedOptions.defaults();
    Column text = col("text");
    assertSame(
        documents.select(
            Longreach.embedTokens(text, defaults.dimensions(2)).as("a"),
            Longreach.tokenize(text, defaults).as("b"),
            Longreach.embedChunks(text, Longreach.embedChunks(text, defaults), defaults).as("s"),
            Longreach.embed(text, defaults.pattern(new Dense()).device("cpu")).as("c")),
        "SELECT embed_tokens(text, dimensions => 2) a, tokenize(text) b,"
            + " embed_chunks(text, spans => embed_chunks(text)) s,"
            + " embed(text, pattern => 'dense', device => 'cpu') c FROM few");
    Column vector = array(lit(1.0), lit(2.0));
    Column matrix = array(vector, vector);
    assertSame(
        documents.select(
            Longreach.cosineSimilarity(vector, vector).as("a"),
            Longreach.dotProduct(vector, vector).as("b"),
            Longreach.attention(matrix, matrix, matrix, AttentionPattern.parse("window(1)"), 2)
                .as("c"),
            Longreach.attentionMask(new Dense(), lit(2)).as("d")),
        "SELECT cosine_similarity(v, v) a, dot_product(v, v) b,"
            + " attention(array(v, v), array(v, v), array(v, v), 'window(1)', 2) c,"
            + " attention_mask('dense', 2) d FROM few, (SELECT array(1D, 2D) v)");
    assertSame(
        documents.agg(
            Longreach.meanEmbedding(vector).as("a"),
            Longreach.meanEmbedding(vector, col("id")).as("b")),
        "SELECT mean_embedding(array(1D, 2D)) a, mean_embedding(array(1D, 2D), id) b FROM few");
  }

  @Test
  void optionsAreValuesAndCheckedAtOnce() {
    EmbedOptions base = EmbedOptions.defaults();
    EmbedOptions changed = base.pattern("window(3)").globalTokens("none").bigBirdRandom("zero");
    assertEquals(EmbedOptions.defaults(), base);
    assertEquals(
        changed,
        EmbedOptions.defaults().globalTokens("none").bigBirdRandom("zero").pattern("window(3)"));
    assertTrue(changed.toString().contains("window(3)"), changed.toString());
    for (Runnable wrong :
        List.<Runnable>of(
            () -> base.dimensions(-1),
            () -> base.pattern("windw(3)"),
            () -> base.device("tpu"),
            () -> base.chunkTokens(0))) {
      assertThrows(IllegalArgumentException.class, wrong::run);
    }
  }
}
