package io.longreach.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * What a run has written: embeddings, and failed documents from the error table.
 *
 * @param rows by {@code doc_id}
 */
record Output(String schema, List<Row> rows) {

  private static final Column[] EMBEDDED =
      Stream.of(
              "doc_id",
              "embedding",
              "tokens",
              "tokens_used",
              "model",
              "pattern",
              "device",
              "content_hash",
              "configuration")
          .map(functions::col)
          .toArray(Column[]::new);
  private static final String[] COLUMNS = {
    "embedding",
    "tokens",
    "tokens_used",
    "model",
    "pattern",
    "device",
    "error",
    "content_hash",
    "configuration"
  };

  static Output read(String path) {
    try (SparkSession spark = session()) {
      Dataset<Row> table = spark.read().parquet(path);
      String schema =
          Stream.of(table.schema().fields())
              .map(field -> field.name() + " " + field.dataType().simpleString())
              .collect(Collectors.joining(", "));
      Dataset<Row> all = table.select(EMBEDDED).withColumn("error", functions.lit(null));
      if (Files.exists(Path.of(path, "_errors"))) {
        all =
            all.unionByName(
                spark
                    .read()
                    .schema("doc_id string, reason string, bytes long, tokens long")
                    .json(path + "/_errors")
                    .withColumnRenamed("reason", "error"),
                true);
      }
      List<Row> rows =
          all.select("doc_id", COLUMNS).collectAsList().stream()
              .sorted(Comparator.comparing(row -> row.getString(0)))
              .toList();
      return new Output(schema, rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A column of a document's rows, ordered by another. */
  static List<String> column(String path, String id, String order, String column) {
    try (SparkSession spark = session()) {
      return spark
          .read()
          .parquet(path)
          .where(functions.col("doc_id").equalTo(id))
          .orderBy(order)
          .select(column)
          .collectAsList()
          .stream()
          .map(row -> row.getString(0))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes an input. */
  static void write(String path, StructType schema, List<Row> rows) {
    try (SparkSession spark = session()) {
      spark.createDataFrame(rows, schema).coalesce(1).write().parquet(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SparkSession session() {
    return SparkSession.builder()
        .master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate();
  }

  /** The error of a document, null if it has none. */
  String error(String id) {
    return row(id).getString(7);
  }

  private Row row(String id) {
    return rows.stream()
        .filter(row -> row.getString(0).equals(id))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no document '" + id + "' in " + rows));
  }

  Map<String, List<Float>> embeddings() {
    Map<String, List<Float>> embeddings = new LinkedHashMap<>();
    rows.forEach(row -> embeddings.put(row.getString(0), row.getList(1)));
    return embeddings;
  }
}
