package io.longreach.job.connect;

import static org.apache.spark.sql.functions.call_function;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;

import io.longreach.udfs.dataset.EmbedOptions;
import io.longreach.udfs.dataset.Longreach;
import io.longreach.udfs.sql.VectorPrecision;
import java.io.IOException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What a user of Spark Connect does, in a JVM that has Spark's client and no session of its own.
 */
public final class ConnectClient {
  private ConnectClient() {}

  /** Prints a line for each way to call the functions. */
  public static void main(String[] arguments) throws IOException {
    try (SparkSession spark = SparkSession.builder().remote(arguments[0]).getOrCreate()) {
      Dataset<Row> texts = spark.sql("SELECT id, concat('text ', id) AS text FROM range(3)");
      print("sql", spark.sql("SELECT size(embed('a text', dimensions => 5))"));
      print("call_function", texts.select(call_function("count_tokens", col("text"))));
      EmbedOptions options =
          EmbedOptions.defaults()
              .dimensions(7)
              .precision(VectorPrecision.INT8)
              .pattern("window(2)");
      print("api", Longreach.embed(texts, "text", options).select(size(col("embedding"))));
      print(
          "aggregate",
          texts.agg(size(Longreach.meanEmbedding(Longreach.embed(col("text"), options)))));
      print("setting", setting(spark));
      try {
        spark.sql("SELECT embed('x', pattern => 'windw(3)')").collectAsList();
      } catch (Exception e) {
        System.out.println(
            "error " + e.getClass().getSimpleName() + ": " + e.getMessage().replace('\n', ' '));
      }
      try {
        Longreach.mapInArrow(texts, texts.schema(), (batches, allocator) -> batches);
      } catch (IllegalArgumentException e) {
        System.out.println("mapInArrow " + e.getMessage());
      }
    }
  }

  private static Dataset<Row> setting(SparkSession spark) {
    spark.conf().set("spark.longreach.dimensions", "3");
    return spark.range(1).select(size(Longreach.embed(lit("text"), EmbedOptions.defaults())));
  }

  private static void print(String name, Dataset<Row> rows) {
    System.out.println(name + " " + rows.collectAsList());
  }
}
