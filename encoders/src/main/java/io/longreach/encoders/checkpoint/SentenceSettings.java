package io.longreach.encoders.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a checkpoint turns states into a vector, as sentence-transformers publishes it.
 *
 * @param transformer folder of the transformer's files, empty or ending in {@code /}
 * @param pooling how tokens become one vector; mean where the checkpoint does not say
 * @param maxTokens how much of a text the model was trained on, where it says so
 * @param prompts texts that go before a text, by name, for example {@code query}
 * @param defaultPrompt name of the prompt to use where none is asked for
 */
public record SentenceSettings(
    String transformer,
    PooledTokens pooling,
    OptionalInt maxTokens,
    Map<String, String> prompts,
    Optional<String> defaultPrompt) {
  private static final int LIMIT_BYTES = 1 << 20;
  private static final String MODULES = "modules.json";
  private static final String POOLING_MODE = "pooling_mode";

  /** Which tokens become the vector, and how. */
  public enum PooledTokens {
    CLS("pooling_mode_cls_token", "cls"),
    MEAN("pooling_mode_mean_tokens", "mean"),
    MAX("pooling_mode_max_tokens", "max"),
    /** A sum divided by the root of the count: the mean, once normalised. */
    MEAN_ROOT("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens"),
    WEIGHTED_MEAN("pooling_mode_weightedmean_tokens", "weightedmean"),
    LAST("pooling_mode_lasttoken", "lasttoken");

    private final String flag;
    private final String text;

    PooledTokens(String flag, String text) {
      this.flag = flag;
      this.text = text;
    }
  }

  /**
   * Reads what is there; a plain transformer without any of these files pools by the mean.
   *
   * @throws CheckpointException if a file is broken, or asks for a module that is not supported
   */
  static SentenceSettings read(CheckpointFolder folder) {
    String transformer = "";
    String pooling = "1_Pooling";
    if (has(folder, MODULES)) {
      JsonNode modules =
          CheckpointJson.any(MODULES, CheckpointJson.text(folder, MODULES, LIMIT_BYTES));
      if (!modules.isArray()) {
        throw wrong(MODULES, "the whole file", "a list of modules", modules);
      }
      for (JsonNode module : modules) {
        String type = module.path("type").asText();
        switch (type.substring(type.lastIndexOf('.') + 1)) {
          case "Transformer" -> transformer = path(module);
          case "Pooling" -> pooling = path(module);
          case "Normalize" -> {}
          default ->
              throw wrong(MODULES, "type", "Transformer, Pooling or Normalize", module.get("type"));
        }
      }
    }
    return new SentenceSettings(
        transformer.isEmpty() ? "" : transformer + "/",
        pooling(folder, pooling.isEmpty() ? "config.json" : pooling + "/config.json", pooling),
        maxTokens(folder, transformer),
        prompts(folder),
        defaultPrompt(folder));
  }

  /** Module paths must not lead out of the folder. */
  private static String path(JsonNode module) {
    String path = module.path("path").asText();
    if (!path.matches("([A-Za-z0-9_][A-Za-z0-9_.-]*)?")) {
      throw wrong(MODULES, "path", "the name of a folder", module.get("path"));
    }
    return path;
  }

  private static PooledTokens pooling(CheckpointFolder folder, String file, String path) {
    if (path.isEmpty() || !has(folder, file)) {
      return PooledTokens.MEAN;
    }
    JsonNode json = CheckpointJson.object(folder, file, LIMIT_BYTES);
    List<PooledTokens> asked = new ArrayList<>();
    for (PooledTokens mode : PooledTokens.values()) {
      if (json.path(mode.flag).asBoolean() || json.path(POOLING_MODE).asText().equals(mode.text)) {
        asked.add(mode);
      }
    }
    if (asked.size() != 1) {
      throw new CheckpointException(
          file
              + " must ask for one way of pooling, asks for "
              + asked
              + ": choose a checkpoint that pools in one of "
              + List.of(PooledTokens.values()));
    }
    return asked.get(0);
  }

  private static OptionalInt maxTokens(CheckpointFolder folder, String transformer) {
    String file = (transformer.isEmpty() ? "" : transformer + "/") + "sentence_bert_config.json";
    if (!has(folder, file)) {
      return OptionalInt.empty();
    }
    JsonNode json = CheckpointJson.object(folder, file, LIMIT_BYTES);
    JsonNode node = json.path("max_seq_length");
    if (json.path("do_lower_case").asBoolean()) {
      throw wrong(
          file,
          "do_lower_case",
          "false (a cased tokenizer is what counts)",
          json.get("do_lower_case"));
    }
    if (node.isMissingNode() || node.isNull()) {
      return OptionalInt.empty();
    }
    if (!node.isInt() || node.intValue() < 1) {
      throw wrong(file, "max_seq_length", "a positive whole number", node);
    }
    return OptionalInt.of(node.intValue());
  }

  private static final String PROMPTS = "config_sentence_transformers.json";

  private static Map<String, String> prompts(CheckpointFolder folder) {
    Map<String, String> prompts = new LinkedHashMap<>();
    if (has(folder, PROMPTS)) {
      JsonNode json = CheckpointJson.object(folder, PROMPTS, LIMIT_BYTES);
      for (Map.Entry<String, JsonNode> prompt : json.path("prompts").properties()) {
        if (!prompt.getValue().isTextual()) {
          throw wrong(PROMPTS, "prompts." + prompt.getKey(), "a text", prompt.getValue());
        }
        prompts.put(prompt.getKey(), prompt.getValue().textValue());
      }
    }
    return Map.copyOf(prompts);
  }

  private static Optional<String> defaultPrompt(CheckpointFolder folder) {
    if (!has(folder, PROMPTS)) {
      return Optional.empty();
    }
    JsonNode json = CheckpointJson.object(folder, PROMPTS, LIMIT_BYTES);
    JsonNode name = json.path("default_prompt_name");
    if (name.isMissingNode() || name.isNull()) {
      return Optional.empty();
    }
    if (!name.isTextual() || !json.path("prompts").has(name.textValue())) {
      throw wrong(PROMPTS, "default_prompt_name", "one of the prompts", name);
    }
    return Optional.of(name.textValue());
  }

  private static boolean has(CheckpointFolder folder, String file) {
    try {
      return folder.bytes(file).isPresent();
    } catch (IOException e) {
      throw CheckpointJson.unreadable(file, e);
    }
  }

  private static CheckpointException wrong(
      String file, String setting, String expected, JsonNode found) {
    return new CheckpointException(
        file
            + ": "
            + setting
            + " must be "
            + expected
            + ", was "
            + CheckpointJson.found(found)
            + ": choose another checkpoint, or take the published file");
  }
}
