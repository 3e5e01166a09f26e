package io.longreach.encoders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longreach.encoders.checkpoint.Checkpoint;
import io.longreach.encoders.checkpoint.CheckpointFolder;
import io.longreach.encoders.checkpoint.FolderOpener;
import io.longreach.encoders.checkpoint.LocalFolder;
import io.longreach.encoders.family.TensorSource;
import io.longreach.encoders.onnx.OnnxWeights;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a model is made of, read from where it is kept.
 *
 * @param fingerprint of the weights, the configuration and the tokenizer
 */
record ModelSource(
    String name, String fingerprint, JsonNode config, TensorSource tensors, String tokenizerJson) {
  private static final int FINGERPRINT_DIGITS = 8;

  /** all-MiniLM-L6-v2 as published; the artifact holds its weights and its tokenizer only. */
  private static final String MINILM_CONFIG =
      """
      {"model_type": "bert", "hidden_size": 384, "num_hidden_layers": 6,
       "num_attention_heads": 12, "intermediate_size": 1536, "hidden_act": "gelu",
       "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "type_vocab_size": 2,
       "vocab_size": 30522, "pad_token_id": 0}
      """;

  static ModelSource open(String model) {
    if (model.equals("minilm")) {
      return fromClassPath("minilm", "all-minilm-l6-v2", MINILM_CONFIG);
    }
    if (model.matches("[A-Za-z][A-Za-z0-9+.-]+:/.*")) {
      URI uri = uri(model);
      return fromFolder(
          uri.getScheme().equals("file")
              ? new LocalFolder(model, Path.of(uri))
              : FolderOpener.find(uri));
    }
    Path folder = Path.of(model);
    if (Files.isDirectory(folder)) {
      return fromFolder(LocalFolder.of(folder));
    }
    throw new IllegalArgumentException(
        "model must be minilm, a checkpoint folder or its URI, was '"
            + model
            + "': there is no such folder");
  }

  private static URI uri(String model) {
    try {
      return new URI(model);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "model must be a valid URI, was '" + model + "': " + e.getReason(), e);
    }
  }

  private static ModelSource fromFolder(CheckpointFolder folder) {
    Checkpoint checkpoint = Checkpoint.open(folder);
    return new ModelSource(
        folder.name(),
        checkpoint.fingerprint(FINGERPRINT_DIGITS),
        checkpoint.config(),
        checkpoint.tensors(),
        checkpoint.tokenizerJson());
  }

  private static ModelSource fromClassPath(String name, String resource, String config) {
    try (InputStream weights = resource(name, resource + ".onnx");
        InputStream tokenizer = resource(name, resource + "-tokenizer.json")) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String tokenizerJson = new String(tokenizer.readAllBytes(), StandardCharsets.UTF_8);
      digest.update(config.getBytes(StandardCharsets.UTF_8));
      digest.update(tokenizerJson.getBytes(StandardCharsets.UTF_8));
      OnnxWeights tensors = OnnxWeights.read(new DigestInputStream(weights, digest));
      String fingerprint = HexFormat.of().formatHex(digest.digest());
      return new ModelSource(
          name,
          fingerprint.substring(0, FINGERPRINT_DIGITS),
          new ObjectMapper().readTree(config),
          tensors,
          tokenizerJson);
    } catch (IOException e) {
      throw new UncheckedIOException("the weights of " + name + " could not be read", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static InputStream resource(String name, String path) {
    InputStream in = ModelSource.class.getResourceAsStream("/" + path);
    if (in == null) {
      throw new IllegalArgumentException(
          "model "
              + name
              + " needs "
              + path
              + " on the class path: add the artifact that holds it, or use another model");
    }
    return in;
  }
}
