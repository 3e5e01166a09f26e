package io.longreach.udfs.sql;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.ModelDescription;
import io.longreach.encoders.Pooling;
import io.longreach.encoders.VectorOptions;
import java.io.Serializable;
import java.util.Map;

/**
 * The constant arguments of one call, checked.
 *
 * @param options what a pass depends on; calls with the same options share passes
 * @param output which vector comes of the pass
 */
record EmbedSettings(
    EmbedderOptions options, VectorOptions output, int chunkTokens, OnError onError)
    implements Serializable {

  enum OnError {
    FAIL,
    NULL,
    COLUMN
  }

  /**
   * Checks everything that needs no weights.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  static EmbedSettings of(Map<SqlArgument, String> values) {
    EmbedderOptions options =
        new EmbedderOptions(
            values.get(SqlArgument.MODEL),
            values.get(SqlArgument.PATTERN),
            values.get(SqlArgument.POSITIONS),
            number(values, SqlArgument.MAX_TOKENS),
            values.get(SqlArgument.DEVICE),
            1,
            values.get(SqlArgument.PROMPT),
            VectorOptions.defaults());
    VectorOptions output =
        new VectorOptions(
            Pooling.parse(values.get(SqlArgument.POOLING)),
            number(values, SqlArgument.DIMENSIONS),
            VectorOptions.Scale.UNIT);
    if (!options.device().matches("auto|cpu|cuda")) {
      throw new IllegalArgumentException(
          "device must be auto, cpu or cuda, was '" + options.device() + "': choose one of them");
    }
    ModelDescription description = Embedder.describe(options);
    output.dimensions(description.dimensions());
    int chunkTokens = number(values, SqlArgument.CHUNK_TOKENS);
    if (chunkTokens < 1) {
      throw new IllegalArgumentException(
          "chunk_tokens must be at least 1, was " + chunkTokens + ": 256 is a good start");
    }
    return new EmbedSettings(options, output, chunkTokens, onError(values));
  }

  private static OnError onError(Map<SqlArgument, String> values) {
    String text = values.get(SqlArgument.ON_ERROR);
    return switch (text) {
      case "fail" -> OnError.FAIL;
      case "null" -> OnError.NULL;
      case "column" -> OnError.COLUMN;
      default ->
          throw new IllegalArgumentException(
              "on_error must be fail, null or column, was '" + text + "': choose one of them");
    };
  }

  private static int number(Map<SqlArgument, String> values, SqlArgument argument) {
    String text = values.get(argument);
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          argument.argument() + " must be a whole number, was '" + text + "': write digits", e);
    }
  }
}
