package io.longreach.encoders.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.longreach.encoders.family.TensorSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;

/**
 * A checkpoint folder: what it says of itself is read and checked when it is opened, its tensors
 * when they are asked for.
 *
 * <p><b>Throws.</b> {@link CheckpointException} and nothing else.
 */
public final class Checkpoint {
  private static final int CONFIG_BYTES = 1 << 24;
  private static final int TOKENIZER_BYTES = 1 << 28;
  private static final int PART_BYTES = 1 << 26;
  private static final String WEIGHTS = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final List<String> PICKLES =
      List.of("pytorch_model.bin", "pytorch_model.bin.index.json", "model.bin", "model.pt");

  private final CheckpointFolder folder;
  private final SentenceSettings sentence;
  private final JsonNode config;

  private Checkpoint(CheckpointFolder folder) {
    this.folder = folder;
    this.sentence = SentenceSettings.read(folder);
    this.config = CheckpointJson.object(folder, in("config.json"), CONFIG_BYTES);
  }

  /** Reads the settings. */
  public static Checkpoint open(CheckpointFolder folder) {
    return new Checkpoint(folder);
  }

  /** What a user calls it. */
  public String name() {
    return folder.name();
  }

  /** Content of {@code config.json}. */
  public JsonNode config() {
    return config;
  }

  /** How it becomes a sentence encoder. */
  public SentenceSettings sentence() {
    return sentence;
  }

  /** The weights, their headers checked; values are read when they are asked for. */
  public TensorSource tensors() {
    if (has(in(WEIGHTS))) {
      return Safetensors.open(folder, in(WEIGHTS));
    }
    if (has(in(INDEX))) {
      return ShardedTensors.open(folder, sentence.transformer(), INDEX);
    }
    for (String pickle : PICKLES) {
      if (has(in(pickle))) {
        throw new CheckpointException(
            in(pickle)
                + " must be safetensors, is a Python pickle, which can run code when it is read:"
                + " take a revision with "
                + WEIGHTS
                + ", or convert it once with safetensors' own converter");
      }
    }
    throw CheckpointJson.missing(folder, in(WEIGHTS));
  }

  /** Content of {@code tokenizer.json}, built from the vocabulary where there is none. */
  public String tokenizerJson() {
    if (has(in("tokenizer.json"))) {
      return CheckpointJson.text(folder, in("tokenizer.json"), TOKENIZER_BYTES);
    }
    String settingsFile = in("tokenizer_config.json");
    JsonNode settings =
        has(settingsFile)
            ? CheckpointJson.object(folder, settingsFile, CONFIG_BYTES)
            : JsonNodeFactory.instance.objectNode();
    if (has(in("vocab.txt"))) {
      return TokenizerBuilder.wordPiece(
          CheckpointJson.text(folder, in("vocab.txt"), TOKENIZER_BYTES), settings);
    }
    if (has(in("vocab.json")) && has(in("merges.txt"))) {
      return TokenizerBuilder.byteLevel(
          CheckpointJson.object(folder, in("vocab.json"), TOKENIZER_BYTES),
          CheckpointJson.text(folder, in("merges.txt"), TOKENIZER_BYTES),
          settings);
    }
    throw new CheckpointException(
        "model "
            + folder.name()
            + " must have tokenizer.json, vocab.txt, or vocab.json and merges.txt: save its"
            + " tokenizer as tokenizer.json");
  }

  /**
   * Hash of the weights, the configuration and the tokenizer: equal for equal models, wherever they
   * are.
   *
   * <p><b>Cost.</b> Reads all the weights once.
   */
  public String fingerprint(int digits) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(config.toString().getBytes(StandardCharsets.UTF_8));
      digest.update(sentence.toString().getBytes(StandardCharsets.UTF_8));
      digest.update(tokenizerJson().getBytes(StandardCharsets.UTF_8));
      for (String file : weightFiles()) {
        digest(digest, file);
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, digits);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<String> weightFiles() {
    return tensors() instanceof ShardedTensors shards ? shards.files() : List.of(in(WEIGHTS));
  }

  private void digest(MessageDigest digest, String file) {
    try {
      long bytes = folder.bytes(file).orElseThrow(() -> CheckpointJson.missing(folder, file));
      for (long at = 0; at < bytes; at += PART_BYTES) {
        digest.update(folder.slice(file, at, (int) Math.min(PART_BYTES, bytes - at)));
      }
    } catch (IOException e) {
      throw CheckpointJson.unreadable(file, e);
    }
  }

  private String in(String file) {
    return sentence.transformer() + file;
  }

  private boolean has(String file) {
    try {
      OptionalLong bytes = folder.bytes(file);
      return bytes.isPresent();
    } catch (IOException e) {
      throw CheckpointJson.unreadable(file, e);
    }
  }
}
