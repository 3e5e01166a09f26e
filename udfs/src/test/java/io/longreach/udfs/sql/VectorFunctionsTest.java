package io.longreach.udfs.sql;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.reference.PositionalReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import scala.jdk.javaapi.CollectionConverters;

/** The functions over people's own vectors. */
class VectorFunctionsTest {
  private static final int TOKENS = 150;
  private static final int HEADS = 2;
  private static final int HEAD_DIM = 12;
  private static final DataType VECTOR = DataTypes.createArrayType(DataTypes.FloatType);

  private static SparkSession spark;
  private static float[][][] qkv;

  @BeforeAll
  static void start() {
    spark = TestSessions.open();
    Random random = new Random(7);
    qkv = new float[3][TOKENS][HEADS * HEAD_DIM];
    for (float[][] matrix : qkv) {
      for (float[] row : matrix) {
        for (int i = 0; i < row.length; i++) {
          row[i] = (float) random.nextGaussian();
        }
      }
    }
    StructType schema = new StructType();
    for (String name : List.of("q", "k", "v")) {
      schema = schema.add(name, DataTypes.createArrayType(VECTOR));
    }
    spark
        .createDataFrame(List.of(RowFactory.create((Object[]) qkv)), schema)
        .createOrReplaceTempView("heads");
  }

  private static Row one(String sql) {
    return spark.sql(sql).collectAsList().get(0);
  }

  private static double[][] attention(String pattern) {
    List<List<Float>> rows =
        nested(one("SELECT attention(q, k, v, '" + pattern + "', 2) FROM heads"), 0);
    double[][] context = new double[rows.size()][];
    for (int t = 0; t < context.length; t++) {
      context[t] = rows.get(t).stream().mapToDouble(Float::doubleValue).toArray();
    }
    return context;
  }

  private static <T> List<List<T>> nested(Row row, int column) {
    List<scala.collection.Seq<T>> rows = row.getList(column);
    return rows.stream().map(CollectionConverters::asJava).toList();
  }

  private static double[][] head(float[][] matrix, int head) {
    double[][] rows = new double[matrix.length][HEAD_DIM];
    for (int t = 0; t < rows.length; t++) {
      for (int d = 0; d < HEAD_DIM; d++) {
        rows[t][d] = matrix[t][head * HEAD_DIM + d];
      }
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense",
        "window(9)",
        "window(4) + global(0, 70)",
        "dilated(5, rate=3) + random(4, seed=2)",
        "bigbird(block=16)",
        "causal(window(30))",
        "heads(0: window(3); *: dense)"
      })
  void attentionIsThatOfTheReference(String pattern) {
    double[][] found = attention(pattern);
    for (int h = 0; h < HEADS; h++) {
      double[][] expected =
          PositionalReference.context(
              (PositionalPattern) AttentionPattern.parse(pattern).at(0, h, HEADS),
              head(qkv[0], h),
              head(qkv[1], h),
              head(qkv[2], h),
              1 / Math.sqrt(HEAD_DIM),
              null);
      for (int t = 0; t < TOKENS; t++) {
        for (int d = 0; d < HEAD_DIM; d++) {
          assertEquals(expected[t][d], found[t][h * HEAD_DIM + d], 1e-5, pattern + " token " + t);
        }
      }
    }
  }

  /** One chunk is seen whole; with more, and with random features, contexts stay in the hull. */
  @ParameterizedTest
  @ValueSource(
      strings = {"lsh(rounds=2, chunk=200)", "lsh(rounds=2, chunk=16)", "performer(features=512)"})
  void contentDependentPatternsStayInTheHullOfTheValues(String pattern) {
    double[][] found = attention(pattern);
    double[][] dense = attention("dense");
    assertEquals(TOKENS, found.length);
    for (int d = 0; d < HEADS * HEAD_DIM; d++) {
      int column = d;
      double most = IntStream.range(0, TOKENS).mapToDouble(t -> qkv[2][t][column]).max().orElse(0);
      double least = IntStream.range(0, TOKENS).mapToDouble(t -> qkv[2][t][column]).min().orElse(0);
      for (double[] row : found) {
        assertTrue(row[d] >= least - 1e-5 && row[d] <= most + 1e-5, pattern + ": " + row[d]);
      }
    }
    if (pattern.contains("chunk=200")) {
      for (int t = 0; t < TOKENS; t++) {
        assertArrayEquals(dense[t], found[t], 1e-5);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          attention(q, k, slice(v, 1, 3), 'dense')       | as many rows of value as of query
          attention(q, k, v, 'dense', 7)                 | heads must divide the length of a row, were 7 for rows of 24
          attention(q, k, transform(v, x -> slice(x, 1, 3)), 'dense') | rows of one length
          attention_mask('dense', size(q) * 100)         | tokens must be from 1 to 4096, was 15000
          mean_embedding(array(1F), -1)                   | weight must be a number from 0 on, was -1.0
          """)
  void rowsThatCannotBeFailWithAReason(String call, String reason) {
    Exception failure = assertThrows(Exception.class, () -> one("SELECT " + call + " FROM heads"));
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    assertTrue(cause.getMessage().contains(reason), cause.toString());
  }

  @Test
  void nullsAndNothingAreHandled() {
    assertNull(
        one("SELECT attention(CAST(NULL AS ARRAY<ARRAY<FLOAT>>), k, v, 'dense') FROM heads")
            .get(0));
    assertNull(
        one("SELECT attention(q, transform(k, x -> IF(true, NULL, x)), v, 'dense') FROM heads")
            .get(0));
    String none = "CAST(array() AS ARRAY<ARRAY<FLOAT>>)";
    String sql = "SELECT attention(" + none + ", " + none + ", " + none + ", 'dense')";
    assertEquals(List.of(), one(sql).getList(0));
    assertNull(one("SELECT attention_mask('dense', NULL)").get(0));
    assertNull(one("SELECT attention_mask('dense', CAST(NULL AS INT))").get(0));
  }

  @Test
  void aMaskIsTheSpecification() {
    String pattern = "window(3) + random(2, seed=5) + global(1)";
    PositionalPattern parsed = (PositionalPattern) AttentionPattern.parse(pattern);
    List<Row> masks =
        spark
            .sql(
                "SELECT n, attention_mask('"
                    + pattern
                    + "', n) FROM (SELECT int(id) n FROM range(6, 40))")
            .collectAsList();
    for (Row row : masks) {
      int tokens = row.getInt(0);
      List<List<Boolean>> mask = nested(row, 1);
      assertEquals(tokens, mask.size());
      for (int query = 0; query < tokens; query++) {
        for (int key = 0; key < tokens; key++) {
          assertEquals(
              parsed.attends(query, key, tokens), mask.get(query).get(key), tokens + " tokens");
        }
      }
    }
  }

  private static Dataset<Row> vectors(int partitions) {
    Random random = new Random(3);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      float[] vector = new float[5];
      for (int d = 0; d < vector.length; d++) {
        // Of very different sizes, so that plain sums would depend on their order.
        vector[d] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(12) - 6));
      }
      rows.add(
          RowFactory.create(i % 3, i % 7 == 0 ? null : vector, i % 11 == 0 ? null : i % 5 / 3.0));
    }
    StructType schema =
        new StructType()
            .add("g", DataTypes.IntegerType)
            .add("e", VECTOR)
            .add("w", DataTypes.DoubleType);
    return spark.createDataFrame(rows, schema).repartition(partitions);
  }

  @Test
  void aMeanIsExactWhateverThePartitions() {
    List<String> results = new ArrayList<>();
    for (int partitions : new int[] {1, 13}) {
      vectors(partitions).createOrReplaceTempView("vectors");
      results.add(
          spark
              .sql(
                  "SELECT g, mean_embedding(e), mean_embedding(e, w), mean_embedding(DISTINCT e),"
                      + " mean_embedding(e) FILTER (WHERE w > 1) FROM vectors GROUP BY g ORDER BY g")
              .collectAsList()
              .toString());
    }
    assertEquals(results.get(0), results.get(1));
  }

  @Test
  void aMeanIsThatOfItsDefinition() {
    vectors(3).createOrReplaceTempView("vectors");
    String sql =
        "SELECT max(abs(m[i] - x / t)) < 1e-9 FROM (SELECT mean_embedding(CAST(e AS ARRAY<DOUBLE>), w) m,"
            + " sum(w) t FROM vectors WHERE e IS NOT NULL),"
            + " (SELECT i, sum(double(y) * w) x FROM vectors LATERAL VIEW posexplode(e) AS i, y"
            + " WHERE w IS NOT NULL GROUP BY i)";
    assertEquals(true, one(sql).get(0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT mean_embedding(e) FROM VALUES (CAST(NULL AS ARRAY<FLOAT>)) AS t(e)             | null
          SELECT mean_embedding(e) FROM VALUES (array(1F, 2F)) AS t(e) WHERE e[0] > 5           | null
          SELECT mean_embedding(e, 0) FROM VALUES (array(1F, 2F)) AS t(e)                       | null
          SELECT mean_embedding(e)[0] FROM VALUES (array(1F, NULL)), (array(3F, 4F)) AS t(e)    | 3.0
          SELECT mean_embedding(e, 2.5)[0] FROM VALUES (array(1F)), (array(3F)) AS t(e)         | 2.0
          SELECT typeof(mean_embedding(e)) FROM VALUES (array(1Y)), (array(3Y)) AS t(e)         | array<float>
          SELECT max(m[0]) FROM (SELECT mean_embedding(e) OVER (ORDER BY i) m FROM VALUES (1, array(1F)), (2, array(5F)) AS t(i, e)) | 3.0
          """)
  void meanOf(String sql, String expected) {
    assertEquals(expected, String.valueOf(one(sql).get(0)), sql);
  }

  @Test
  void vectorsOfTwoLengthsHaveNoMean() {
    Exception failure =
        assertThrows(
            Exception.class,
            () -> one("SELECT mean_embedding(e) FROM VALUES (array(1F)), (array(1F, 2F)) AS t(e)"));
    assertTrue(String.valueOf(failure).contains("vectors of one length"), failure.toString());
  }
}
