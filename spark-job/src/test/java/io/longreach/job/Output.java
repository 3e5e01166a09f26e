package io.longreach.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * What a run has written.
 *
 * @param rows by {@code doc_id}
 */
record Output(String schema, List<Row> rows) {

  static Output read(String path) {
    try (SparkSession spark = session()) {
      Dataset<Row> table = spark.read().parquet(path);
      String schema =
          Stream.of(table.schema().fields())
              .map(field -> field.name() + " " + field.dataType().simpleString())
              .collect(Collectors.joining(", "));
      List<Row> rows =
          table.collectAsList().stream()
              .sorted(Comparator.comparing(row -> row.getString(0)))
              .toList();
      return new Output(schema, rows);
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
