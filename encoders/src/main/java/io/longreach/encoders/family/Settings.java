package io.longreach.encoders.family;

import com.fasterxml.jackson.databind.JsonNode;
import io.longreach.encoders.transformer.HeadShape;
import io.longreach.kernels.device.Activation;
import java.util.ArrayList;
import java.util.List;

/** A {@code config.json}, read with errors that name the setting. */
final class Settings {
  private static final int LARGEST = 1 << 28;

  private final JsonNode json;

  Settings(JsonNode json) {
    this.json = json;
  }

  /** A positive whole number. */
  int size(String name) {
    return checkedSize(name, required(name));
  }

  int size(String name, int otherwise) {
    return has(name) ? size(name) : otherwise;
  }

  /** A whole number that may be zero, or negative for "none". */
  int number(String name, int otherwise) {
    if (!has(name)) {
      return otherwise;
    }
    JsonNode node = json.get(name);
    if (!node.isInt()) {
      throw wrong(name, "a whole number", node);
    }
    return node.intValue();
  }

  double real(String name) {
    JsonNode node = required(name);
    if (!node.isNumber() || !(node.doubleValue() >= 0) || Double.isInfinite(node.doubleValue())) {
      throw wrong(name, "a number that is not negative", node);
    }
    return node.doubleValue();
  }

  double real(String name, double otherwise) {
    return has(name) ? real(name) : otherwise;
  }

  boolean flag(String name, boolean otherwise) {
    if (!has(name)) {
      return otherwise;
    }
    JsonNode node = json.get(name);
    if (!node.isBoolean()) {
      throw wrong(name, "true or false", node);
    }
    return node.booleanValue();
  }

  String text(String name, String otherwise) {
    if (!has(name)) {
      return otherwise;
    }
    JsonNode node = json.get(name);
    if (!node.isTextual()) {
      throw wrong(name, "a text", node);
    }
    return node.textValue();
  }

  List<String> texts(String name) {
    List<String> values = new ArrayList<>();
    for (JsonNode node : array(name)) {
      values.add(node.asText());
    }
    return values;
  }

  /** A list of positive whole numbers; a single number counts as a list of one. */
  List<Integer> sizes(String name) {
    JsonNode node = required(name);
    if (!node.isArray()) {
      return List.of(size(name));
    }
    List<Integer> values = new ArrayList<>();
    for (JsonNode entry : node) {
      values.add(checkedSize(name, entry));
    }
    return values;
  }

  /** Heads that share the hidden size among them. */
  HeadShape heads(int hidden, int heads) {
    if (hidden % heads != 0) {
      throw new IllegalArgumentException(
          "config.json: hidden_size must be a multiple of num_attention_heads, were "
              + hidden
              + " and "
              + heads
              + ": take the file that the checkpoint came with");
    }
    return new HeadShape(heads, hidden / heads);
  }

  /** Heads whose size is a setting of its own. */
  HeadShape heads(String heads, String headDim) {
    int size = size(headDim, 64);
    times(heads, size(heads), size);
    return new HeadShape(size(heads), size);
  }

  /** A factor on a size, the product being a size too. */
  int times(String name, int factor, int size) {
    long product = (long) factor * size;
    if (product > LARGEST) {
      throw new IllegalArgumentException(
          "config.json: "
              + name
              + " must leave sizes up to "
              + LARGEST
              + ", was "
              + factor
              + " beside "
              + size
              + ": take the file that the checkpoint came with");
    }
    return (int) product;
  }

  boolean has(String name) {
    return json.hasNonNull(name);
  }

  Activation activation(String name, String otherwise) {
    String text = text(name, otherwise);
    return switch (text) {
      case "gelu", "gelu_python" -> Activation.GELU;
      case "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_python_tanh" -> Activation.GELU_TANH;
      case "relu" -> Activation.RELU;
      default ->
          throw new IllegalArgumentException(
              "config.json: "
                  + name
                  + " must be gelu, gelu_new or relu, was '"
                  + text
                  + "': this activation is not supported");
    };
  }

  private JsonNode array(String name) {
    JsonNode node = required(name);
    if (!node.isArray()) {
      throw wrong(name, "a list", node);
    }
    return node;
  }

  private JsonNode required(String name) {
    if (!has(name)) {
      throw new IllegalArgumentException(
          "config.json must have " + name + ": take the file that the checkpoint came with");
    }
    return json.get(name);
  }

  private static int checkedSize(String name, JsonNode node) {
    if (!node.isInt() || node.intValue() < 1 || node.intValue() > LARGEST) {
      throw wrong(name, "a whole number from 1 to " + LARGEST, node);
    }
    return node.intValue();
  }

  private static IllegalArgumentException wrong(String name, String expected, JsonNode found) {
    return new IllegalArgumentException(
        "config.json: "
            + name
            + " must be "
            + expected
            + ", was "
            + found
            + ": take the file that the checkpoint came with");
  }
}
