package io.longreach.job.input;

import io.longreach.job.UsageException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;

/** A column of text and one of names, in whatever Spark reads as a table. */
final class Tables {

  /**
   * As spreadsheets and RFC 4180 write it: a first line of names, quotes doubled, lines in quotes.
   */
  private static final Map<String, String> CSV =
      Map.of("header", "true", "multiLine", "true", "escape", "\"");

  private Tables() {}

  /** Files of a format that Spark knows. */
  static JavaRDD<Document> files(
      SparkSession spark,
      String input,
      InputFormat format,
      List<String> files,
      String idColumn,
      String textColumn) {
    return documents(table(spark, input, format, files), idColumn, textColumn);
  }

  /** A table of the session's catalogs. */
  static JavaRDD<Document> named(
      SparkSession spark, String name, String idColumn, String textColumn) {
    try {
      return documents(spark.table(name), idColumn, textColumn);
    } catch (UsageException e) {
      throw e;
    } catch (Exception e) {
      throw new UsageException("the table '" + name + "' cannot be read: " + firstLine(e));
    }
  }

  /** What a query selects. */
  static JavaRDD<Document> query(
      SparkSession spark, String query, String idColumn, String textColumn) {
    try {
      return documents(spark.sql(query), idColumn, textColumn);
    } catch (UsageException e) {
      throw e;
    } catch (Exception e) {
      throw new UsageException("the query cannot be run: " + firstLine(e));
    }
  }

  private static JavaRDD<Document> documents(
      Dataset<Row> table, String idColumn, String textColumn) {
    List<String> names = Arrays.asList(table.columns());
    for (String column : List.of(idColumn, textColumn)) {
      if (!names.contains(column)) {
        throw Columns.missing(column, names);
      }
    }
    DataType type = table.schema().apply(textColumn).dataType();
    if (!(type instanceof StringType) && !(type instanceof BinaryType)) {
      throw new UsageException(
          "column '" + textColumn + "' must be string or binary, was " + type.simpleString());
    }
    // As bytes: a string's invalid bytes would be replaced on the way to Java.
    return table
        .select(
            table.col("`" + idColumn + "`").cast("string"),
            table.col("`" + textColumn + "`").cast("binary"))
        .javaRDD()
        .mapPartitionsWithIndex(Tables::documents, true);
  }

  private static Iterator<Document> documents(int partition, Iterator<Row> rows) {
    return new Iterator<>() {
      private long number;

      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Document next() {
        Row row = rows.next();
        number++;
        String id =
            row.isNullAt(0) ? "partition " + partition + " row " + number : row.getString(0);
        return Document.of(id, row.isNullAt(1) ? null : (byte[]) row.get(1));
      }
    };
  }

  private static Dataset<Row> table(
      SparkSession spark, String input, InputFormat format, List<String> files) {
    try {
      return spark
          .read()
          .format(format.name().toLowerCase(Locale.ROOT))
          .options(format == InputFormat.CSV ? CSV : Map.of())
          .load(
              files.stream().map(f -> DocumentReader.literal(f).toString()).toArray(String[]::new));
    } catch (Exception e) {
      // AnalysisException is checked in Java and undeclared in Scala.
      throw new UsageException(
          "'" + input + "' cannot be read as " + format.label() + ": " + firstLine(e));
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
