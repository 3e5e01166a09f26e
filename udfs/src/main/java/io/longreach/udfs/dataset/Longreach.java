package io.longreach.udfs.dataset;

import static org.apache.spark.sql.functions.call_function;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode_outer;
import static org.apache.spark.sql.functions.lit;

import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.udfs.map.ArrowFunction;
import io.longreach.udfs.sql.SqlArgument;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * The SQL functions for Java and Scala; {@code docs/sql.md} says what each gives. Column functions
 * work in any session that has the functions, a Spark Connect one too, whose client has nothing of
 * Spark's Catalyst.
 *
 * <pre>{@code
 * EmbedOptions options = EmbedOptions.defaults().pattern("window(256)");
 * Dataset<Row> embedded = Longreach.embed(documents, "text", options);
 * }</pre>
 */
public final class Longreach {
  private Longreach() {}

  /** The documents with a column {@code embedding} of a text column. */
  public static Dataset<Row> embed(Dataset<?> documents, String text, EmbedOptions options) {
    return documents.withColumn("embedding", embed(documents.col(text), options));
  }

  /** The documents with a column {@code info}: a struct of embedding, tokens, pattern and so on. */
  public static Dataset<Row> embedInfo(Dataset<?> documents, String text, EmbedOptions options) {
    return documents.withColumn("info", embedInfo(documents.col(text), options));
  }

  /**
   * A row for each chunk of a document, with a column {@code chunk}: a struct of start, end, text
   * and embedding, NULL where the text is.
   */
  public static Dataset<Row> embedChunks(Dataset<?> documents, String text, EmbedOptions options) {
    return documents.withColumn("chunk", explode_outer(embedChunks(documents.col(text), options)));
  }

  /** The documents with a column {@code tokens}: how many a text has. */
  public static Dataset<Row> countTokens(Dataset<?> documents, String text, EmbedOptions options) {
    return documents.withColumn("tokens", countTokens(documents.col(text), options));
  }

  public static Column embed(Column text, EmbedOptions options) {
    return call("embed", SqlArgument.embedding(), text, options);
  }

  public static Column embedInfo(Column text, EmbedOptions options) {
    return call("embed_info", SqlArgument.embedding(), text, options);
  }

  public static Column embedChunks(Column text, EmbedOptions options) {
    return call("embed_chunks", SqlArgument.chunking(), text, options);
  }

  /**
   * @param spans the chunks: an array of structs of {@code start} and {@code end}, in UTF-16 units
   */
  public static Column embedChunks(Column text, Column spans, EmbedOptions options) {
    List<Column> arguments = arguments(SqlArgument.chunking(), text, options);
    arguments.add(spans);
    return call_function("embed_chunks", arguments.toArray(Column[]::new));
  }

  public static Column embedTokens(Column text, EmbedOptions options) {
    return call("embed_tokens", SqlArgument.embedding(), text, options);
  }

  public static Column countTokens(Column text, EmbedOptions options) {
    return call("count_tokens", SqlArgument.tokenizing(), text, options);
  }

  public static Column tokenize(Column text, EmbedOptions options) {
    return call("tokenize", SqlArgument.tokenizing(), text, options);
  }

  /**
   * @param heads heads that lie side by side in a row
   */
  public static Column attention(
      Column query, Column key, Column value, AttentionPattern pattern, int heads) {
    return call_function("attention", query, key, value, lit(pattern.toString()), lit(heads));
  }

  public static Column attentionMask(AttentionPattern pattern, Column tokens) {
    return call_function("attention_mask", lit(pattern.toString()), tokens);
  }

  public static Column cosineSimilarity(Column left, Column right) {
    return call_function("cosine_similarity", left, right);
  }

  public static Column dotProduct(Column left, Column right) {
    return call_function("dot_product", left, right);
  }

  /** The mean of a group's vectors. */
  public static Column meanEmbedding(Column embedding) {
    return call_function("mean_embedding", embedding);
  }

  public static Column meanEmbedding(Column embedding, Column weight) {
    return call_function("mean_embedding", embedding, weight);
  }

  /**
   * Maps the Arrow batches of each partition by a function of this JVM: PySpark's {@code
   * mapInArrow} without Python. Batches are bounded by {@code
   * spark.sql.execution.arrow.maxRecordsPerBatch} and {@code maxBytesPerBatch}.
   *
   * @param schema of the batches that the function returns
   * @throws IllegalArgumentException in a Spark Connect session, whose server runs elsewhere
   */
  public static Dataset<Row> mapInArrow(
      Dataset<?> rows, StructType schema, ArrowFunction function) {
    // By name: a client of Spark Connect does not have the class.
    if (!rows.getClass().getName().startsWith("org.apache.spark.sql.classic.")) {
      throw new IllegalArgumentException(
          "mapInArrow needs a session of this JVM, was "
              + rows.getClass().getName()
              + ": run the function where the Spark driver runs");
    }
    return ArrowDatasets.map(rows, schema, function);
  }

  private static Column call(
      String function, List<SqlArgument> constants, Column text, EmbedOptions options) {
    return call_function(function, arguments(constants, text, options).toArray(Column[]::new));
  }

  /** By position, which every session understands; NULL stands for the setting. */
  private static List<Column> arguments(
      List<SqlArgument> constants, Column text, EmbedOptions options) {
    List<Column> arguments = new ArrayList<>(List.of(text));
    for (SqlArgument argument : constants) {
      arguments.add(argument(argument, options));
    }
    return arguments;
  }

  private static Column argument(SqlArgument argument, EmbedOptions options) {
    if (argument == SqlArgument.GLOBAL_TOKENS && options.globalTokensColumn().isPresent()) {
      return col(options.globalTokensColumn().get());
    }
    String value = options.value(argument).orElse(null);
    return lit(value == null || !argument.isNumber() ? value : (Object) Integer.valueOf(value));
  }
}
