package io.longreach.udfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

class LongreachKryoRegistratorTest {
  private static final SparkConf CONF =
      new SparkConf()
          .setMaster("local[2]")
          .setAppName("LongreachKryoRegistratorTest")
          .set("spark.ui.enabled", "false")
          .set("spark.driver.host", "localhost")
          .set("spark.driver.bindAddress", "127.0.0.1")
          .set("spark.sql.shuffle.partitions", "2")
          .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
          .set("spark.kryo.registrationRequired", "true")
          .set("spark.kryo.registrator", LongreachKryoRegistrator.class.getName());

  private final SerializerInstance kryo = new KryoSerializer(CONF).newInstance();

  @Test
  void whatWeSendComesBackEqual() {
    assertArrayEquals(new int[][] {{1}, {}}, copy(new int[][] {{1}, {}}));
    assertArrayEquals(new long[][] {{1}, {}}, copy(new long[][] {{1}, {}}));
    assertArrayEquals(new String[] {"a", null}, copy(new String[] {"a", null}));
    assertEquals(
        new TreeMap<>(java.util.Map.of("a", 1L)), copy(new TreeMap<>(java.util.Map.of("a", 1L))));
    assertEquals(new ArrayList<>(List.of("a")), copy(new ArrayList<>(List.of("a"))));
  }

  @Test
  void schemasOfAllTypesComeBackEqual() {
    StructType schema =
        StructType.fromDDL(
            "a STRING, b BINARY, c BOOLEAN, d TINYINT, e SMALLINT, f INT, g BIGINT, h FLOAT,"
                + " i DOUBLE, j DECIMAL(20, 4), k DATE, l TIMESTAMP, m TIMESTAMP_NTZ,"
                + " n ARRAY<FLOAT>, o MAP<STRING, BIGINT>, p STRUCT<q: STRING NOT NULL>, r VOID,"
                + " s INTERVAL DAY TO SECOND, t INTERVAL YEAR TO MONTH, u INT COMMENT 'metadata'");
    assertEquals(schema, copy(schema));
  }

  @Test
  void registrationIsIndeedRequired() {
    Exception failure = assertThrows(Exception.class, () -> copy(new Semaphore(1)));
    assertTrue(String.valueOf(failure.getMessage()).contains("not registered"), failure.toString());
  }

  private <T> T copy(T value) {
    ClassTag<T> tag = ClassTag$.MODULE$.apply(value.getClass());
    return kryo.deserialize(kryo.serialize(value, tag), tag);
  }

  /** What users do around embeddings: read, join, group, sort and write, with nothing forgotten. */
  @Test
  void commonPlansRunWithRegistrationRequired(@TempDir Path folder) throws IOException {
    try (SparkSession spark = SparkSession.builder().config(CONF).getOrCreate()) {
      Dataset<Row> rows =
          spark
              .range(1000)
              .selectExpr(
                  "id",
                  "cast(id % 7 AS string) AS name",
                  "array(cast(id AS float), 1f) AS embedding",
                  "cast(id AS decimal(20, 2)) AS price");
      String path = folder.resolve("rows").toUri().toString();
      rows.repartition(3).write().parquet(path);
      Dataset<Row> read = spark.read().parquet(path);
      assertEquals(1000, read.count());
      assertEquals(999, read.orderBy(functions.col("id").desc()).first().getLong(0));
      assertEquals(
          7,
          read.groupBy("name")
              .agg(functions.count("*"), functions.first("embedding"))
              .collectAsList()
              .size());
      assertEquals(1000, read.join(functions.broadcast(read.select("id")), "id").count());
      assertEquals(1000, read.hint("merge").join(read.select("id"), "id").count());
      assertEquals(5, read.limit(5).collectAsList().size());
      assertEquals(3, read.orderBy("id").limit(3).collectAsList().size());
      assertEquals(3, read.javaRDD().map(row -> row.getLong(0)).take(3).size());
    }
  }
}
