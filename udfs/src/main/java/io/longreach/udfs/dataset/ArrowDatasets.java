package io.longreach.udfs.dataset;

import io.longreach.udfs.map.ArrowFunction;
import io.longreach.udfs.map.MapInArrow;
import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.types.DataTypeUtils;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;
import scala.collection.immutable.Seq;

/** Puts a function over Arrow batches on top of a Dataset's plan. */
final class ArrowDatasets {
  private ArrowDatasets() {}

  static Dataset<Row> map(Dataset<?> rows, StructType schema, ArrowFunction function) {
    org.apache.spark.sql.classic.Dataset<?> dataset =
        (org.apache.spark.sql.classic.Dataset<?>) rows;
    requireArrow("rows", rows.schema());
    StructType nullable = nullable(schema);
    requireArrow("schema", nullable);
    @SuppressWarnings("unchecked")
    Seq<Attribute> output = (Seq<Attribute>) (Seq<?>) DataTypeUtils.toAttributes(nullable);
    MapInArrow plan = new MapInArrow(function, output, dataset.queryExecution().analyzed());
    Dataset<Row> mapped =
        org.apache.spark.sql.classic.Dataset$.MODULE$.ofRows(
            (SparkSession) dataset.sparkSession(), plan);
    // Aliases get fresh attributes where a plan holds the Dataset twice, as in a self-join.
    Column[] columns =
        Arrays.stream(nullable.fieldNames())
            .map(name -> functions.col("`" + name.replace("`", "``") + "`").as(name))
            .toArray(Column[]::new);
    return mapped.select(columns);
  }

  /** A function may return NULL anywhere. */
  private static StructType nullable(StructType schema) {
    StructField[] fields =
        Arrays.stream(schema.fields())
            .map(field -> new StructField(field.name(), field.dataType(), true, field.metadata()))
            .toArray(StructField[]::new);
    return new StructType(fields);
  }

  private static void requireArrow(String which, StructType schema) {
    long names = Arrays.stream(schema.fieldNames()).distinct().count();
    if (names != schema.length()) {
      throw new IllegalArgumentException(
          which
              + " must have columns of different names, had "
              + String.join(", ", schema.fieldNames())
              + ": rename one");
    }
    // Types that Arrow does not have are refused here, by Spark's own error.
    ArrowUtils.toArrowSchema(schema, "UTC", true, false);
  }
}
