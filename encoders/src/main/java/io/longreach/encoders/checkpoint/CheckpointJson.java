package io.longreach.encoders.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.longreach.encoders.text.JsonProblem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** JSON out of files that are not trusted. */
final class CheckpointJson {
  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private CheckpointJson() {}

  /** Text of a whole file. */
  static String text(CheckpointFolder folder, String file, int limitBytes) {
    try {
      long bytes = folder.bytes(file).orElseThrow(() -> missing(folder, file));
      if (bytes > limitBytes) {
        throw new CheckpointException(
            file
                + " must be at most "
                + limitBytes
                + " bytes, was "
                + bytes
                + ": download it again");
      }
      return utf8(file, folder.slice(file, 0, (int) bytes));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The JSON object that a file holds. */
  static JsonNode object(CheckpointFolder folder, String file, int limitBytes) {
    return object(file, text(folder, file, limitBytes));
  }

  /** A JSON object without duplicate keys. */
  static JsonNode object(String file, String text) {
    JsonNode root = any(file, text);
    if (!root.isObject()) {
      throw new CheckpointException(
          file + " must hold a JSON object, held " + found(root) + ": download it again");
    }
    return root;
  }

  static JsonNode any(String file, String text) {
    try {
      return STRICT.readTree(text);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          file + " must be valid JSON: " + JsonProblem.of(e) + ": download it again", e);
    }
  }

  static String utf8(String file, ByteBuffer bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new CheckpointException(file + " must be UTF-8 text: download it again", e);
    }
  }

  static CheckpointException missing(CheckpointFolder folder, String file) {
    return new CheckpointException(
        "model " + folder.name() + " must have " + file + ": take the whole published folder");
  }

  static CheckpointException unreadable(String file, IOException e) {
    return new CheckpointException(file + " could not be read: " + e + ": download it again", e);
  }

  /** A node, short enough for a message. */
  static String found(JsonNode node) {
    String text = node == null ? "nothing" : node.toString();
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }
}
