package io.longreach.udfs.sql;

import java.util.List;
import java.util.Locale;

/**
 * The constant arguments of the embedding functions, each with its setting: declared once, for
 * analysis and documentation alike.
 */
public enum SqlArgument {
  MODEL(
      "model",
      "minilm",
      "`minilm`, `bge-small`, a checkpoint folder or its URI, or `org/name[@revision]` of the hub"),
  PATTERN(
      "pattern", "auto", "attention pattern in its text form, such as `window(256)`, or `auto`"),
  POSITIONS("positions", "tile", "positions beyond the model's own: `tile`, `stretch` or `native`"),
  POOLING("pooling", "auto", "`auto`, `mean`, `cls`, `max`, `last` or `weighted_mean`"),
  DIMENSIONS("dimensions", "0", "how many of the first dimensions are kept, 0 for all"),
  PROMPT("prompt", "auto", "what goes before every text: a prompt of the model or a prefix"),
  DEVICE("device", "auto", "`auto`, `cpu` or `cuda`"),
  MAX_TOKENS("max_tokens", "0", "longer documents are truncated, 0 for never"),
  CHUNK_TOKENS("chunk_tokens", "256", "tokens of a chunk of `embed_chunks`"),
  ON_ERROR(
      "on_error",
      "fail",
      "a row that cannot be embedded: `fail` the query, give `null`, or give a struct of `result`"
          + " and `error` in its place (`column`)");

  private final String argument;
  private final String initial;
  private final String doc;

  SqlArgument(String argument, String initial, String doc) {
    this.argument = argument;
    this.initial = initial;
    this.doc = doc;
  }

  /** Name behind which a call gives it: {@code name => value}. */
  public String argument() {
    return argument;
  }

  /** Value where neither the call nor the setting says one. */
  public String initial() {
    return initial;
  }

  public String doc() {
    return doc;
  }

  /** Name of the setting that gives its default: {@code spark.longreach.maxTokens}. */
  public String setting() {
    StringBuilder name = new StringBuilder("spark.longreach.");
    List<String> words = List.of(argument.split("_"));
    name.append(words.get(0));
    for (String word : words.subList(1, words.size())) {
      name.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
    }
    return name.toString();
  }

  boolean isNumber() {
    return this == DIMENSIONS || this == MAX_TOKENS || this == CHUNK_TOKENS;
  }
}
