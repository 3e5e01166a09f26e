package io.longreach.job.input;

import io.longreach.job.UsageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
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

  /** Places in the rows that become documents: name, text, global tokens, what is kept. */
  private static final int GLOBAL_TOKENS = 2;

  private static final int FIRST_KEPT = 3;

  private Tables() {}

  /** Files of a format that Spark knows. */
  static JavaRDD<Document> files(
      SparkSession spark, DocumentSource source, InputFormat format, List<String> files) {
    return documents(table(spark, source.input(), format, files), source);
  }

  /** A table of the session's catalogs. */
  static JavaRDD<Document> named(SparkSession spark, DocumentSource source) {
    try {
      return documents(spark.table(source.input()), source);
    } catch (UsageException e) {
      throw e;
    } catch (Exception e) {
      throw new UsageException(
          "the table '" + source.input() + "' cannot be read: " + firstLine(e));
    }
  }

  /** What a query selects. */
  static JavaRDD<Document> query(SparkSession spark, DocumentSource source) {
    try {
      return documents(spark.sql(source.input()), source);
    } catch (UsageException e) {
      throw e;
    } catch (Exception e) {
      throw new UsageException("the query cannot be run: " + firstLine(e));
    }
  }

  private static JavaRDD<Document> documents(Dataset<Row> all, DocumentSource source) {
    List<String> names = Arrays.asList(all.columns());
    for (String column : source.columns()) {
      if (!names.contains(column)) {
        throw Columns.missing(column, names);
      }
    }
    DataType type = all.schema().apply(source.textColumn()).dataType();
    if (!(type instanceof StringType) && !(type instanceof BinaryType)) {
      throw new UsageException(
          "column '"
              + source.textColumn()
              + "' must be string or binary, was "
              + type.simpleString());
    }
    Dataset<Row> table = since(all, source);
    List<Column> columns = new ArrayList<>();
    columns.add(column(table, source.idColumn()).cast("string"));
    // As bytes: a string's invalid bytes would be replaced on the way to Java.
    columns.add(column(table, source.textColumn()).cast("binary"));
    columns.add(
        source
            .globalTokensColumn()
            .map(name -> globalTokens(all.schema().apply(name).dataType(), column(table, name)))
            .orElse(functions.lit(null).cast("string")));
    source.keptColumns().forEach(kept -> columns.add(column(table, kept).cast("string")));
    return table.select(columns.toArray(new Column[0])).javaRDD().map(Tables::document);
  }

  private static Column globalTokens(DataType type, Column column) {
    if (type instanceof ArrayType) {
      Column positions = functions.array_join(column.cast("array<string>"), ",", "null");
      return functions.when(functions.size(column).equalTo(0), "none").otherwise(positions);
    }
    return column.cast("string");
  }

  private static Column column(Dataset<Row> table, String name) {
    return table.col("`" + name + "`");
  }

  /** A row without a time is taken for new. */
  private static Dataset<Row> since(Dataset<Row> table, DocumentSource source) {
    return source
        .since()
        .filter(asked -> asked.column().isPresent())
        .map(
            asked -> {
              Column time = column(table, asked.column().get()).cast("timestamp");
              return table.where(time.isNull().or(time.geq(functions.lit(asked.time()))));
            })
        .orElse(table);
  }

  private static Document document(Row row) {
    String[] kept = new String[row.size() - FIRST_KEPT];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = row.getString(FIRST_KEPT + i);
    }
    byte[] text = row.isNullAt(1) ? null : (byte[]) row.get(1);
    return (row.isNullAt(0) ? Document.unnamed(text) : Document.of(row.getString(0), text))
        .keeping(kept)
        .withGlobalTokens(row.getString(GLOBAL_TOKENS));
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
