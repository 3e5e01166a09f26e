package io.longreach.udfs.sql.plan;

import io.longreach.udfs.Embedders;
import io.longreach.udfs.WordEmbedder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanExec;
import org.apache.spark.sql.execution.adaptive.QueryStageExec;

/**
 * A session whose embedding functions count words, with tables to query. With {@link
 * ColumnsWanted#KEY} all batches leave as columns, as they do below operators that take such.
 */
final class PlanSession implements AutoCloseable {
  final WordEmbedder words = new WordEmbedder();
  final SparkSession spark;

  PlanSession(Path folder) {
    Embedders.openWith(options -> words);
    // Whatever test had a session in this JVM before: it lacks the extension.
    scala.Option<SparkSession> other = SparkSession.getDefaultSession();
    if (other.isDefined()) {
      other.get().stop();
    }
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
            .withExtensions(
                extensions -> {
                  extensions.injectColumnar(session -> new ColumnsWanted());
                  return scala.runtime.BoxedUnit.UNIT;
                })
            .getOrCreate();
    tables(1);
    spark.table("docs").repartition(2).write().parquet(folder.resolve("files").toString());
    spark.read().parquet(folder.resolve("files").toString()).createOrReplaceTempView("files");
    words.batches.clear();
  }

  /** The tables anew, in so many partitions. */
  void tables(int partitions) {
    spark
        .sql(
            "SELECT id, substring('abc', CAST(id % 3 AS INT) + 1, 1) AS grp, IF(id % 6 = 5, NULL,"
                + " concat('text ', id % 22, repeat(' and so on', CAST(id % 4 AS INT)))) AS text"
                + " FROM range(0, 24, 1, "
                + partitions
                + ")")
        .createOrReplaceTempView("docs");
    spark
        .sql(
            "SELECT id AS note_id, id % 5 * 2 AS doc_id, concat('text ', id, IF(id % 4 = 1,"
                + " ' and so on', '')) AS note FROM range(0, 12, 1, "
                + partitions
                + ")")
        .createOrReplaceTempView("notes");
    spark
        .sql(
            "SELECT *, timestamp_seconds(id) AS stamp, CAST(id AS DECIMAL(30, 3)) / 7 AS amount,"
                + " array(grp, NULL, text) AS tags FROM docs")
        .createOrReplaceTempView("wide");
    spark
        .sql(
            "SELECT id, text, CAST(id AS BYTE) AS tiny, CAST(id AS SHORT) AS small, CAST(id AS FLOAT)"
                + " / 3 AS real, id % 2 = 0 AS even, date_add(DATE'2020-01-01', CAST(id AS INT)) AS"
                + " day, TIMESTAMP_NTZ'2020-01-01 00:00:00' + make_dt_interval(0, id) AS local,"
                + " make_ym_interval(1, id) AS months, make_dt_interval(id, 1) AS hours, NULL AS"
                + " nothing, CAST(grp AS BINARY) AS bytes, map(grp, id, 'k', NULL) AS places,"
                + " IF(id % 3 = 0, NULL, named_struct('a', id, 'b', array(map(1, grp)))) AS nested,"
                + " CAST(id AS DECIMAL(5, 1)) AS price FROM docs")
        .createOrReplaceTempView("typed");
    spark
        .sql(
            "SELECT id, text, make_interval(0, CAST(id AS INT)) AS span, parse_json(concat('{\"a\": ',"
                + " id, '}')) AS json FROM docs")
        .createOrReplaceTempView("untyped");
    spark.sql("SELECT id, embed(text) AS e FROM docs").createOrReplaceTempView("embedded");
  }

  /** Rows as text, in their order. */
  List<String> rows(String sql) {
    return spark.sql(sql).collectAsList().stream().map(Row::toString).toList();
  }

  /** Documents that the encoder was given since the last time. */
  int embedded() {
    int documents = words.batches.stream().mapToInt(List::size).sum();
    words.batches.clear();
    return documents;
  }

  static QueryExecution execution(Dataset<Row> rows) {
    return ((org.apache.spark.sql.classic.Dataset<Row>) rows).queryExecution();
  }

  /** The nodes of a plan that was run. */
  static List<EmbedBatchExec> batches(Dataset<Row> rows) {
    List<EmbedBatchExec> found = new ArrayList<>();
    collect(execution(rows).executedPlan(), found);
    return found;
  }

  private static void collect(SparkPlan plan, List<EmbedBatchExec> found) {
    if (plan instanceof AdaptiveSparkPlanExec adaptive) {
      collect(adaptive.executedPlan(), found);
    } else if (plan instanceof QueryStageExec stage) {
      collect(stage.plan(), found);
    } else {
      if (plan instanceof EmbedBatchExec batch) {
        found.add(batch);
      }
      Trees.list(plan.children()).forEach(child -> collect(child, found));
      Trees.list(plan.subqueries()).forEach(subquery -> collect(subquery, found));
    }
  }

  @Override
  public void close() {
    spark.stop();
    Embedders.openWith(io.longreach.encoders.Embedder::open);
  }
}
