package io.longreach.udfs.sql;

import java.util.Arrays;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import scala.collection.immutable.Seq;

/** The SQL functions: declared once, for the registry, DESCRIBE FUNCTION and the documentation. */
public enum SqlFunction {
  EMBED(
      "_FUNC_(text, ...) - Returns the embedding of a text as an array of floats of length one.",
      "embed('a long document', pattern => 'window(256)')",
      "[0.01, ...]",
      (name, arguments) -> embed(EmbedKind.EMBED, arguments)),
  EMBED_INFO(
      "_FUNC_(text, ...) - Returns the embedding with tokens, model, pattern, device and warnings.",
      "embed_info('a long document').tokens",
      "5",
      (name, arguments) -> embed(EmbedKind.INFO, arguments)),
  EMBED_CHUNKS(
      "_FUNC_(text, ...) - Returns chunks of `chunk_tokens` with their places (in UTF-16 units) and"
          + " embeddings, each with the context of the whole document (late chunking).",
      "embed_chunks('a long document', chunk_tokens => 128)",
      "[{0, 15, a long document, [0.01, ...]}]",
      (name, arguments) -> embed(EmbedKind.CHUNKS, arguments)),
  EMBED_TOKENS(
      "_FUNC_(text, ...) - Returns an embedding for each token, special tokens included.",
      "size(embed_tokens('a long document'))",
      "5",
      (name, arguments) -> embed(EmbedKind.TOKENS, arguments)),
  COUNT_TOKENS(
      "_FUNC_(text, ...) - Returns the number of tokens, special tokens included.",
      "count_tokens('a long document')",
      "5",
      (name, arguments) -> tokens(name, TextTokens.Wanted.COUNT_TOKENS, arguments)),
  TOKENIZE(
      "_FUNC_(text, ...) - Returns the tokens with their ids and places.",
      "tokenize('a').token",
      "[\"\",\"a\",\"\"]",
      (name, arguments) -> tokens(name, TextTokens.Wanted.TOKENIZE, arguments)),
  COSINE_SIMILARITY(
      "_FUNC_(left, right) - Returns the cosine of the angle between two vectors.",
      "cosine_similarity(array(1D, 0D), array(2D, 0D))",
      "1.0",
      (name, arguments) -> product(name, VectorProduct.Measure.COSINE_SIMILARITY, arguments)),
  DOT_PRODUCT(
      "_FUNC_(left, right) - Returns the dot product of two vectors.",
      "dot_product(array(1D, 2D), array(3D, 4D))",
      "11.0",
      (name, arguments) -> product(name, VectorProduct.Measure.DOT_PRODUCT, arguments));

  private final String usage;
  private final String example;
  private final String result;
  private final BiFunction<String, Seq<Expression>, Expression> builder;

  SqlFunction(
      String usage,
      String example,
      String result,
      BiFunction<String, Seq<Expression>, Expression> builder) {
    this.usage = usage;
    this.example = example;
    this.result = result;
    this.builder = builder;
  }

  public String sqlName() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  ExpressionInfo info() {
    return new ExpressionInfo(
        SqlFunction.class.getName(),
        null,
        sqlName(),
        usage,
        arguments(),
        "\n    Examples:\n      > SELECT " + example + ";\n       " + result + "\n  ",
        "",
        "misc_funcs",
        "0.1.0",
        "",
        "built-in");
  }

  private String arguments() {
    if (this == COSINE_SIMILARITY || this == DOT_PRODUCT) {
      return "\n    Arguments:\n      * left, right - vectors of one length\n  ";
    }
    return Arrays.stream(SqlArgument.values())
        .map(a -> "      * " + a.argument() + " - " + a.doc() + "; default " + a.setting() + "\n")
        .collect(Collectors.joining("", "\n    Arguments:\n      * text - the document\n", "  "));
  }

  Expression build(Seq<Expression> arguments) {
    return builder.apply(sqlName(), arguments);
  }

  private static Expression embed(EmbedKind kind, Seq<Expression> arguments) {
    ConstantArguments.Call call = ConstantArguments.read(kind.function(), arguments);
    return new EmbedCall(call.text(), kind, call.settings(), call.given());
  }

  private static Expression tokens(
      String name, TextTokens.Wanted wanted, Seq<Expression> arguments) {
    ConstantArguments.Call call = ConstantArguments.read(name, arguments);
    return new TextTokens(call.text(), wanted, call.settings());
  }

  private static Expression product(
      String name, VectorProduct.Measure measure, Seq<Expression> arguments) {
    if (arguments.length() != 2) {
      throw SqlErrors.invalid(
          name, "two vectors are needed, were " + arguments.length() + ": give left, right", null);
    }
    return new VectorProduct(arguments.apply(0), arguments.apply(1), measure);
  }
}
