package io.longreach.udfs.sql;

import io.longreach.encoders.Pooling;
import io.longreach.encoders.transformer.PositionPolicy;
import io.longreach.kernels.pattern.AttentionPattern;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The arguments of the embedding functions that have a setting for their default: declared once,
 * for analysis and documentation alike. Constant, but for {@link #GLOBAL_TOKENS}.
 */
public enum SqlArgument {
  MODEL(
      "minilm",
      "`minilm`, `bge-small`, a checkpoint folder or its URI, or `org/name[@revision]` of the hub",
      SqlArgument::anything),
  PATTERN(
      "auto",
      "attention pattern in its text form, such as `window(256)`, or `auto`: the model's own within"
          + " its own positions, `window(256)` beyond",
      (name, value) -> {
        if (!value.equals("auto")) {
          AttentionPattern.parse(value);
        }
      }),
  POSITIONS(
      "tile",
      "positions beyond the model's own: repeated (`tile`), compressed (`stretch`) or refused"
          + " (`native`)",
      (name, value) -> PositionPolicy.parse(value)),
  POOLING(
      "auto",
      "`mean`, `cls`, `max`, `last`, `weighted_mean`, or `auto` for the model's own",
      (name, value) -> Pooling.parse(value)),
  DIMENSIONS(
      "0",
      "how many of the first dimensions are kept, 0 for all",
      (name, value) -> whole(name, value, 0)),
  PROMPT(
      "auto",
      "what goes before every text: the name of a prompt of the model, a prefix such as `query: `,"
          + " `auto` for the model's default, or nothing if empty",
      SqlArgument::anything),
  DEVICE("auto", "`auto`, `cpu` or `cuda`", oneOf("auto", "cpu", "cuda")),
  MAX_TOKENS(
      "0",
      "longer documents are truncated to so many tokens, 0 for never",
      (name, value) -> whole(name, value, 0)),
  CHUNK_TOKENS(
      "256", "most tokens of a chunk of `embed_chunks`", (name, value) -> whole(name, value, 1)),
  CHUNK_BY(
      "tokens",
      "where a chunk of `embed_chunks` may end: after any of the `tokens`, or after `sentences` (a"
          + " longer one is a chunk of its own)",
      oneOf("tokens", "sentences")),
  PRECISION(
      "float32",
      "what stores a dimension: `float32` (ARRAY<FLOAT>), `int8` (ARRAY<TINYINT>, the largest"
          + " magnitude is 127) or `binary` (BINARY, a bit each, the first one highest)",
      oneOf("float32", "int8", "binary")),
  GLOBAL_TOKENS(
      "auto",
      "global tokens of a Longformer: `auto` (the first), `none`, or positions such as `0, 5,"
          + " 8-11`",
      SqlArgument::anything),
  BIGBIRD_RANDOM(
      "drawn",
      "random blocks of a BigBird: `drawn` as it was trained, or `zero` as its published"
          + " implementation computes outside training",
      oneOf("drawn", "zero")),
  ON_ERROR(
      "fail",
      "a row that cannot be embedded: `fail` the query, give `null`, or give a struct of `result`"
          + " and `error` in its place (`column`)",
      oneOf("fail", "null", "column"));

  private static final Set<SqlArgument> OF_CHUNKS = EnumSet.of(CHUNK_TOKENS, CHUNK_BY);
  private static final Set<SqlArgument> OF_TOKENS = EnumSet.of(MODEL, PROMPT);
  private static final Set<SqlArgument> NUMBERS = EnumSet.of(DIMENSIONS, MAX_TOKENS, CHUNK_TOKENS);

  private final Setting setting;

  /** What {@code embed_chunks} takes behind its text, in order. */
  public static List<SqlArgument> chunking() {
    return List.of(values());
  }

  /** What {@code embed}, {@code embed_info} and {@code embed_tokens} take. */
  public static List<SqlArgument> embedding() {
    return Arrays.stream(values()).filter(argument -> !OF_CHUNKS.contains(argument)).toList();
  }

  /** What {@code count_tokens} and {@code tokenize} take. */
  public static List<SqlArgument> tokenizing() {
    return Arrays.stream(values()).filter(OF_TOKENS::contains).toList();
  }

  SqlArgument(String initial, String doc, BiConsumer<String, String> check) {
    this.setting = new Setting(key(name()), initial, doc, value -> check.accept(argument(), value));
  }

  /** Name behind which a call gives it: {@code name => value}. */
  public String argument() {
    return name().toLowerCase(Locale.ROOT);
  }

  public String doc() {
    return setting.doc();
  }

  /** The setting that gives its default: {@code spark.longreach.maxTokens}. */
  public Setting setting() {
    return setting;
  }

  /**
   * Checks what can be said of a value alone.
   *
   * @throws IllegalArgumentException naming the argument, its value and the remedy
   */
  public void check(String value) {
    setting.check().accept(value);
  }

  /** Whether it is an INT; a STRING otherwise. */
  public boolean isNumber() {
    return NUMBERS.contains(this);
  }

  SqlParameter parameter() {
    return new SqlParameter(
        argument(),
        isNumber() ? "INT" : this == GLOBAL_TOKENS ? "STRING or ARRAY<INT>" : "STRING",
        doc()
            + (this == GLOBAL_TOKENS ? "; may be a column, of each row's own" : "")
            + "; default `"
            + setting.key()
            + "`",
        SqlParameter.Presence.OPTIONAL);
  }

  private static String key(String name) {
    List<String> words = List.of(name.toLowerCase(Locale.ROOT).split("_"));
    StringBuilder key = new StringBuilder("spark.longreach.").append(words.get(0));
    for (String word : words.subList(1, words.size())) {
      key.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
    }
    return key.toString();
  }

  /** Checked with the model. */
  private static void anything(String name, String value) {}

  private static BiConsumer<String, String> oneOf(String... values) {
    List<String> allowed = Arrays.asList(values);
    return (name, value) -> {
      if (!allowed.contains(value)) {
        throw new IllegalArgumentException(
            name + " must be " + either(allowed) + ", was '" + value + "': choose one of them");
      }
    };
  }

  private static String either(List<String> values) {
    int last = values.size() - 1;
    return String.join(", ", values.subList(0, last)) + " or " + values.get(last);
  }

  private static void whole(String name, String value, int least) {
    boolean fits;
    try {
      fits = Integer.parseInt(value) >= least;
    } catch (NumberFormatException e) {
      fits = false;
    }
    if (!fits) {
      throw new IllegalArgumentException(
          name
              + " must be a whole number from "
              + least
              + " on, was '"
              + value
              + "': write such a number");
    }
  }
}
