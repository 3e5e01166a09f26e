package io.longreach.udfs.dataset;

import io.longreach.encoders.Pooling;
import io.longreach.encoders.transformer.PositionPolicy;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.udfs.sql.ChunkUnit;
import io.longreach.udfs.sql.OnError;
import io.longreach.udfs.sql.SqlArgument;
import io.longreach.udfs.sql.VectorPrecision;
import java.io.Serializable;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * How to embed, immutable: {@code EmbedOptions.defaults().pattern("window(128)").dimensions(256)}.
 * What is not said comes from the session's settings, see {@code docs/configuration.md}. Options
 * that a function does not have it does not read.
 *
 * <p>Values are checked as they are given, and with the model when a plan is analysed.
 */
public final class EmbedOptions implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final EmbedOptions DEFAULTS =
      new EmbedOptions(new EnumMap<>(SqlArgument.class), null);

  private final EnumMap<SqlArgument, String> values;
  private final String globalTokensColumn;

  private EmbedOptions(EnumMap<SqlArgument, String> values, String globalTokensColumn) {
    this.values = values;
    this.globalTokensColumn = globalTokensColumn;
  }

  /** All from the session's settings. */
  public static EmbedOptions defaults() {
    return DEFAULTS;
  }

  /** {@code minilm}, {@code bge-small}, a checkpoint folder or URI, or a name of the hub. */
  public EmbedOptions model(String model) {
    return with(SqlArgument.MODEL, model);
  }

  /** A pattern's text form, or {@code auto}. */
  public EmbedOptions pattern(String pattern) {
    return with(SqlArgument.PATTERN, pattern);
  }

  public EmbedOptions pattern(AttentionPattern pattern) {
    return with(SqlArgument.PATTERN, pattern.toString());
  }

  /** How positions beyond the model's own are read. */
  public EmbedOptions positions(PositionPolicy policy) {
    return with(SqlArgument.POSITIONS, policy.toString());
  }

  public EmbedOptions pooling(Pooling pooling) {
    return with(SqlArgument.POOLING, pooling.toString());
  }

  /** How many of the first dimensions are kept, 0 for all. */
  public EmbedOptions dimensions(int dimensions) {
    return with(SqlArgument.DIMENSIONS, String.valueOf(dimensions));
  }

  public EmbedOptions precision(VectorPrecision precision) {
    return with(SqlArgument.PRECISION, lower(precision));
  }

  /** A prompt of the model, a prefix, or nothing if empty. */
  public EmbedOptions prompt(String prompt) {
    return with(SqlArgument.PROMPT, prompt);
  }

  /** {@code auto}, {@code cpu} or {@code cuda}. */
  public EmbedOptions device(String device) {
    return with(SqlArgument.DEVICE, device);
  }

  /** Longer documents are truncated, 0 for never. */
  public EmbedOptions maxTokens(int tokens) {
    return with(SqlArgument.MAX_TOKENS, String.valueOf(tokens));
  }

  /** Most tokens of a chunk. */
  public EmbedOptions chunkTokens(int tokens) {
    return with(SqlArgument.CHUNK_TOKENS, String.valueOf(tokens));
  }

  /** Where a chunk may end. */
  public EmbedOptions chunkBy(ChunkUnit unit) {
    return with(SqlArgument.CHUNK_BY, lower(unit));
  }

  /** Global tokens of a Longformer: {@code auto}, {@code none} or positions. */
  public EmbedOptions globalTokens(String tokens) {
    return with(SqlArgument.GLOBAL_TOKENS, tokens);
  }

  /**
   * The column of each document's own global tokens: texts of that form, or arrays of positions.
   */
  public EmbedOptions globalTokensColumn(String column) {
    return new EmbedOptions(values, column);
  }

  /** Random blocks of a BigBird: {@code drawn} or {@code zero}. */
  public EmbedOptions bigBirdRandom(String draw) {
    return with(SqlArgument.BIGBIRD_RANDOM, draw);
  }

  public EmbedOptions onError(OnError onError) {
    return with(SqlArgument.ON_ERROR, lower(onError));
  }

  private EmbedOptions with(SqlArgument argument, String value) {
    argument.check(value);
    EnumMap<SqlArgument, String> changed = new EnumMap<>(values);
    changed.put(argument, value);
    return new EmbedOptions(changed, globalTokensColumn);
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** As a call would say it; empty for the session's setting. */
  Optional<String> value(SqlArgument argument) {
    return Optional.ofNullable(values.get(argument));
  }

  /** Instead of a constant. */
  Optional<String> globalTokensColumn() {
    return Optional.ofNullable(globalTokensColumn);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EmbedOptions options
        && options.values.equals(values)
        && Objects.equals(options.globalTokensColumn, globalTokensColumn);
  }

  @Override
  public int hashCode() {
    return Objects.hash(values, globalTokensColumn);
  }

  /** {@code {PATTERN=window(128), DIMENSIONS=256}}. */
  @Override
  public String toString() {
    return values + (globalTokensColumn == null ? "" : " with " + globalTokensColumn);
  }
}
