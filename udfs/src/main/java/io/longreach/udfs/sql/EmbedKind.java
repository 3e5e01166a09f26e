package io.longreach.udfs.sql;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.Embedder.PlacedTokens;
import io.longreach.encoders.HiddenStates;
import io.longreach.encoders.TextSpan;
import io.longreach.udfs.arrow.Document;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** What an embedding function makes of a document's states. */
enum EmbedKind {
  EMBED("embed"),
  INFO("embed_info"),
  CHUNKS("embed_chunks"),
  TOKENS("embed_tokens");

  private final String function;

  EmbedKind(String function) {
    this.function = function;
  }

  String function() {
    return function;
  }

  /** Type of the result alone, without the struct of {@code on_error => 'column'}. */
  DataType resultType(EmbedSettings settings) {
    DataType vector = settings.precision().type();
    return switch (this) {
      case EMBED -> vector;
      case TOKENS -> DataTypes.createArrayType(vector, false);
      case CHUNKS ->
          DataTypes.createArrayType(
              new StructType()
                  .add("start", DataTypes.IntegerType, false)
                  .add("end", DataTypes.IntegerType, false)
                  .add("text", DataTypes.StringType, false)
                  .add("embedding", vector, false),
              false);
      case INFO ->
          new StructType()
              .add("embedding", vector, false)
              .add("tokens", DataTypes.IntegerType, false)
              .add("tokens_used", DataTypes.IntegerType, false)
              .add("model", DataTypes.StringType, false)
              .add("pattern", DataTypes.StringType, false)
              .add("device", DataTypes.StringType, false)
              .add("warnings", DataTypes.createArrayType(DataTypes.StringType, false), false);
    };
  }

  DataType type(EmbedSettings settings) {
    return settings.onError() == OnError.COLUMN
        ? new StructType()
            .add("result", resultType(settings), true)
            .add("error", DataTypes.StringType, true)
        : resultType(settings);
  }

  /** The value of one document, in Catalyst's own representation. */
  Object value(EmbedSettings settings, Embedder embedder, Document document, HiddenStates states) {
    Object value;
    try {
      value =
          switch (this) {
            case EMBED -> vector(settings, embedder, states, 0, states.tokensUsed());
            case TOKENS -> tokens(settings, embedder, states);
            case INFO -> info(settings, embedder, states);
            case CHUNKS -> chunks(settings, embedder, document, states);
          };
    } catch (IllegalArgumentException e) {
      // Spans without a token that is used: the other documents of its pass need no second one.
      return failure(settings, e);
    }
    return settings.onError() == OnError.COLUMN ? row(value, null) : value;
  }

  /** The value of a document that failed. */
  Object failure(EmbedSettings settings, RuntimeException reason) {
    return switch (settings.onError()) {
      case FAIL -> throw reason;
      case NULL -> null;
      case COLUMN -> row(null, UTF8String.fromString(String.valueOf(reason.getMessage())));
    };
  }

  private static Object vector(
      EmbedSettings settings, Embedder embedder, HiddenStates states, int first, int last) {
    return settings.precision().value(embedder.vector(states, first, last, settings.output()));
  }

  private static Object tokens(EmbedSettings settings, Embedder embedder, HiddenStates states) {
    Object[] vectors = new Object[states.tokensUsed()];
    for (int t = 0; t < vectors.length; t++) {
      vectors[t] = vector(settings, embedder, states, t, t + 1);
    }
    return new GenericArrayData(vectors);
  }

  private static Object info(EmbedSettings settings, Embedder embedder, HiddenStates states) {
    Object[] warnings = states.warnings().stream().map(UTF8String::fromString).toArray();
    return row(
        vector(settings, embedder, states, 0, states.tokensUsed()),
        states.tokens(),
        states.tokensUsed(),
        UTF8String.fromString(embedder.model()),
        UTF8String.fromString(states.pattern()),
        UTF8String.fromString(embedder.device()),
        new GenericArrayData(warnings));
  }

  private static Object chunks(
      EmbedSettings settings, Embedder embedder, Document document, HiddenStates states) {
    String text = document.text().get();
    PlacedTokens tokens = (PlacedTokens) document.tokens();
    List<TextSpan> spans =
        document.spans() == null
            ? settings.chunkBy().spans(text, tokens, states.tokensUsed(), settings.chunkTokens())
            : TextSpan.offsets(
                bounds(document.spans(), 0),
                bounds(document.spans(), 1),
                tokens,
                states.tokensUsed());
    List<Object> chunks = new ArrayList<>();
    for (TextSpan span : spans) {
      chunks.add(
          row(
              span.start(),
              span.end(),
              UTF8String.fromString(text.substring(span.start(), span.end())),
              vector(settings, embedder, states, span.firstToken(), span.lastToken())));
    }
    return new GenericArrayData(chunks.toArray());
  }

  private static int[] bounds(IntBuffer spans, int which) {
    return IntStream.range(0, spans.limit() / 2).map(i -> spans.get(2 * i + which)).toArray();
  }

  private static InternalRow row(Object... values) {
    return new GenericInternalRow(values);
  }
}
