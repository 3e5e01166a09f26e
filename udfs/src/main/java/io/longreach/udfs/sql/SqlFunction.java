package io.longreach.udfs.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import scala.collection.immutable.Seq;

/**
 * The SQL functions: declared once, for the registry, DESCRIBE FUNCTION and {@code docs/sql.md}.
 */
public enum SqlFunction {
  EMBED(
      "Returns the embedding of a text: its tokens' states pooled, of length one. An ARRAY<FLOAT>,"
          + " or what `precision` says. NULL for NULL.",
      withText(SqlArgument.embedding()),
      List.of(
          new Example("size(embed('a long document'))", "384"),
          new Example(
              "transform(embed('a long document', dimensions => 3), x -> round(x, 2))",
              "[-0.47,0.87,0.13]"),
          new Example("typeof(embed('a long document', precision => 'int8'))", "array<tinyint>")),
      call -> embed(EmbedKind.EMBED, call)),
  EMBED_INFO(
      "Returns a struct of the `embedding`, `tokens` of the text, `tokens_used` of them, `model`,"
          + " `pattern`, `device` and `warnings`. NULL for NULL.",
      withText(SqlArgument.embedding()),
      List.of(
          new Example("embed_info('a long document').tokens", "5"),
          new Example(
              "embed_info('a long document', pattern => 'window(2)').pattern", "window(2)")),
      call -> embed(EmbedKind.INFO, call)),
  EMBED_CHUNKS(
      "Returns the chunks of a text, an array of structs of `start`, `end` (in UTF-16 units),"
          + " `text` and `embedding`; each embedding carries the context of the whole document"
          + " (late chunking). With `spans` those are the chunks. NULL for NULL.",
      withSpans(),
      List.of(
          new Example(
              "embed_chunks('a long document', chunk_tokens => 3).text",
              "[\"a long\",\"document\"]"),
          new Example(
              "embed_chunks('One. Two.', chunk_by => 'sentences', chunk_tokens => 2).start",
              "[0,5]"),
          new Example(
              "embed_chunks('a long document',"
                  + " spans => array(named_struct('start', 2, 'end', 6))).text",
              "[\"long\"]")),
      call -> embed(EmbedKind.CHUNKS, call)),
  EMBED_TOKENS(
      "Returns an embedding for each token, special tokens included. NULL for NULL.",
      withText(SqlArgument.embedding()),
      List.of(new Example("size(embed_tokens('a long document'))", "5")),
      call -> embed(EmbedKind.TOKENS, call)),
  COUNT_TOKENS(
      "Returns the number of tokens of a text, special tokens included. NULL for NULL.",
      withText(SqlArgument.tokenizing()),
      List.of(new Example("count_tokens('a long document')", "5")),
      call -> tokens(TextTokens.Wanted.COUNT_TOKENS, call)),
  TOKENIZE(
      "Returns the tokens of a text, an array of structs of `id`, `token` (its text), `start` and"
          + " `end` (in UTF-16 units); special tokens have no text. NULL for NULL.",
      withText(SqlArgument.tokenizing()),
      List.of(new Example("tokenize('a word').token", "[\"\",\"a\",\"word\",\"\"]")),
      call -> tokens(TextTokens.Wanted.TOKENIZE, call)),
  ATTENTION(
      "Returns the attention of vectors of one's own, ARRAY<ARRAY<FLOAT>>: for each query the mean"
          + " of the values whose keys it sees, weighted by the softmax of query · key /"
          + " sqrt(length of a head). A query that sees no key gives zeros. NULL if a part is"
          + " NULL.",
      List.of(
          matrix("query", "a row of FLOAT or DOUBLE for each token"),
          matrix("key", "as many rows of the same length"),
          matrix("value", "as many rows of the same length"),
          SqlParameter.required("pattern", "STRING", "any pattern of one layer; constant"),
          SqlParameter.optional(
              "heads", "INT", "heads that lie side by side in a row; constant, default 1")),
      List.of(
          new Example(
              "attention(array(array(1D), array(2D)), array(array(1D), array(2D)),"
                  + " array(array(3D), array(5D)), 'window(left=0, right=0)')",
              "[[3.0],[5.0]]")),
      AttentionCall::of),
  ATTENTION_MASK(
      "Returns which keys each query sees, ARRAY<ARRAY<BOOLEAN>> of rows of queries, for a pattern"
          + " of positions over at most 4096 tokens. NULL if the tokens are NULL.",
      List.of(
          SqlParameter.required("pattern", "STRING", "a pattern of positions; constant"),
          SqlParameter.required("tokens", "INT", "length of the text")),
      List.of(
          new Example(
              "attention_mask('window(left=1, right=0)', 3)",
              "[[true,false,false],[true,true,false],[false,true,true]]")),
      AttentionMask::of),
  COSINE_SIMILARITY(
      "Returns the cosine of the angle between two vectors, a DOUBLE. NULL for NULL and for a"
          + " vector of zeros.",
      List.of(vector("left"), vector("right")),
      List.of(new Example("cosine_similarity(array(1D, 0D), array(2D, 0D))", "1.0")),
      call -> product(VectorProduct.Measure.COSINE_SIMILARITY, call)),
  DOT_PRODUCT(
      "Returns the dot product of two vectors, a DOUBLE. NULL for NULL.",
      List.of(vector("left"), vector("right")),
      List.of(new Example("dot_product(array(1D, 2D), array(3D, 4D))", "11.0")),
      call -> product(VectorProduct.Measure.DOT_PRODUCT, call)),
  MEAN_EMBEDDING(
      "Returns the mean of the vectors of a group, summed in twice the double precision; not scaled"
          + " to length one. Rows whose vector or weight is NULL are left out; NULL where none is"
          + " left or the weights are all 0.",
      List.of(
          vector("embedding"),
          SqlParameter.optional(
              "weight", "NUMERIC", "how much a row counts, from 0 on; default 1")),
      List.of(
          new Example(
              "mean_embedding(e) FROM VALUES (array(1D, 0D)), (array(2D, 3D)) AS t(e)",
              "[1.5,1.5]"),
          new Example(
              "mean_embedding(e, weight => w) FROM VALUES (array(1F), 1), (array(5F), 3) AS t(e,"
                  + " w)",
              "[4.0]")),
      MeanEmbedding::of);

  /** A select list with the one value that it gives, as Spark's SQL prompt prints it. */
  record Example(String select, String result) {}

  private final String usage;
  private final List<SqlParameter> parameters;
  private final List<Example> examples;
  private final Function<CallArguments, Expression> builder;

  SqlFunction(
      String usage,
      List<SqlParameter> parameters,
      List<Example> examples,
      Function<CallArguments, Expression> builder) {
    this.usage = usage;
    this.parameters = parameters;
    this.examples = examples;
    this.builder = builder;
  }

  public String sqlName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Release that brought it. */
  public String since() {
    return "0.1.0";
  }

  String usage() {
    return usage;
  }

  List<SqlParameter> parameters() {
    return parameters;
  }

  List<Example> examples() {
    return examples;
  }

  /** The call with all parameters, optional ones in brackets: {@code f(a, b [, c])}. */
  String signature() {
    StringBuilder text = new StringBuilder(sqlName()).append('(');
    for (int i = 0; i < parameters.size(); i++) {
      SqlParameter parameter = parameters.get(i);
      text.append(parameter.isOptional() ? " [" : "")
          .append(i == 0 ? "" : ", ")
          .append(parameter.name())
          .append(parameter.isOptional() ? "]" : "");
    }
    return text.append(')').toString();
  }

  /** What DESCRIBE FUNCTION EXTENDED shows. */
  ExpressionInfo info() {
    StringBuilder arguments = new StringBuilder("\n    Arguments:\n");
    for (SqlParameter parameter : parameters) {
      arguments.append(
          String.format(
              "      * %s - %s: %s%n", parameter.name(), parameter.type(), parameter.doc()));
    }
    StringBuilder shown = new StringBuilder("\n    Examples:\n");
    for (Example example : examples) {
      shown.append(
          String.format("      > SELECT %s;%n       %s%n", example.select(), example.result()));
    }
    return new ExpressionInfo(
        SqlFunction.class.getName(),
        null,
        sqlName(),
        signature().replaceFirst(sqlName(), "_FUNC_") + " - " + usage,
        arguments.append("  ").toString(),
        shown.append("  ").toString(),
        "",
        this == MEAN_EMBEDDING ? "agg_funcs" : "misc_funcs",
        since(),
        "",
        "built-in");
  }

  Expression build(Seq<Expression> arguments) {
    return builder.apply(new CallArguments(sqlName(), parameters, arguments));
  }

  private static Expression embed(EmbedKind kind, CallArguments call) {
    Expression document = SpannedText.document(call);
    ConstantArguments.Constants constants = ConstantArguments.read(call);
    return new EmbedCall(document, kind, constants.settings(), constants.given());
  }

  private static Expression tokens(TextTokens.Wanted wanted, CallArguments call) {
    return new TextTokens(call.text("text"), wanted, ConstantArguments.read(call).settings());
  }

  private static Expression product(VectorProduct.Measure measure, CallArguments call) {
    return new VectorProduct(call.get("left"), call.get("right"), measure);
  }

  private static List<SqlParameter> withText(List<SqlArgument> constants) {
    List<SqlParameter> parameters = new ArrayList<>();
    parameters.add(SqlParameter.required("text", "STRING", "the document"));
    constants.forEach(constant -> parameters.add(constant.parameter()));
    return List.copyOf(parameters);
  }

  private static List<SqlParameter> withSpans() {
    List<SqlParameter> parameters = new ArrayList<>(withText(SqlArgument.chunking()));
    parameters.add(
        SqlParameter.optional(
            "spans",
            "ARRAY<STRUCT<start INT, end INT>>",
            "stretches of the text in UTF-16 units, instead of chunks by tokens or sentences"));
    return List.copyOf(parameters);
  }

  private static SqlParameter vector(String name) {
    return SqlParameter.required(
        name, "ARRAY<FLOAT>", "a vector of FLOAT, DOUBLE or TINYINT, all of one length");
  }

  private static SqlParameter matrix(String name, String doc) {
    return SqlParameter.required(name, "ARRAY<ARRAY<FLOAT>>", doc);
  }
}
