package io.longreach.encoders.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A case folder, read: {@code config.json} says what was computed, {@code case.safetensors} holds
 * it.
 */
record GoldenCase(Path folder, JsonNode config, CaseTensors tensors) {
  static final String TENSORS = "case.safetensors";
  private static final ObjectMapper JSON = new ObjectMapper();

  static GoldenCase read(Path folder) throws IOException {
    JsonNode config = JSON.readTree(folder.resolve("config.json").toFile());
    if (!config.isObject()) {
      throw new IOException("config.json must hold an object, held '" + config + "'");
    }
    return new GoldenCase(folder, config, CaseTensors.read(folder.resolve(TENSORS)));
  }

  /** A whole number that the config must have. */
  int number(String key) {
    JsonNode node = config.get(key);
    if (node == null || !node.canConvertToInt()) {
      throw new IllegalArgumentException(
          "config.json must have a whole number " + key + ", had " + node);
    }
    return node.asInt();
  }

  int number(String key, int standard) {
    return config.has(key) ? number(key) : standard;
  }

  boolean flag(String key) {
    return config.path(key).asBoolean(false);
  }
}
