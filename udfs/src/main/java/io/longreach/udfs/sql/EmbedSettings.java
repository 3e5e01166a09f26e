package io.longreach.udfs.sql;

import io.longreach.encoders.AttentionChoices;
import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.Pooling;
import io.longreach.encoders.VectorOptions;
import io.longreach.udfs.TaskGpu;
import java.io.Serializable;
import java.util.Locale;
import java.util.Map;

/**
 * The constant arguments of one call, checked.
 *
 * @param options what a pass depends on; calls with the same options share passes
 * @param output which vector comes of the pass
 * @param precision how the vector is stored
 */
record EmbedSettings(
    EmbedderOptions options,
    VectorOptions output,
    VectorPrecision precision,
    ChunkUnit chunkBy,
    int chunkTokens,
    OnError onError)
    implements Serializable {

  /**
   * Checks what the values mean together.
   *
   * @param values each checked alone
   * @throws IllegalArgumentException naming first what is wrong
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
            VectorOptions.defaults(),
            new AttentionChoices(
                values.get(SqlArgument.GLOBAL_TOKENS), values.get(SqlArgument.BIGBIRD_RANDOM)));
    VectorOptions output =
        new VectorOptions(
            Pooling.parse(values.get(SqlArgument.POOLING)),
            number(values, SqlArgument.DIMENSIONS),
            VectorOptions.Scale.UNIT);
    output.dimensions(Embedder.describe(options).dimensions());
    TaskGpu.requireUsable(options);
    return new EmbedSettings(
        options,
        output,
        choice(VectorPrecision.class, values, SqlArgument.PRECISION),
        choice(ChunkUnit.class, values, SqlArgument.CHUNK_BY),
        number(values, SqlArgument.CHUNK_TOKENS),
        choice(OnError.class, values, SqlArgument.ON_ERROR));
  }

  /**
   * @throws IllegalArgumentException if the model has no use for global tokens
   */
  void requireGlobalTokens() {
    Embedder.describe(options).attention().requireGlobalTokens("a column");
  }

  /** The same, but for what becomes of a row that fails. */
  EmbedSettings with(OnError other) {
    return new EmbedSettings(options, output, precision, chunkBy, chunkTokens, other);
  }

  private static <E extends Enum<E>> E choice(
      Class<E> type, Map<SqlArgument, String> values, SqlArgument argument) {
    return Enum.valueOf(type, values.get(argument).toUpperCase(Locale.ROOT));
  }

  private static int number(Map<SqlArgument, String> values, SqlArgument argument) {
    return Integer.parseInt(values.get(argument));
  }
}
