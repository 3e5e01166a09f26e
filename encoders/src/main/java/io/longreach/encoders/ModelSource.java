package io.longreach.encoders;

import com.fasterxml.jackson.databind.JsonNode;
import io.longreach.encoders.checkpoint.Checkpoint;
import io.longreach.encoders.checkpoint.CheckpointFolder;
import io.longreach.encoders.checkpoint.FolderOpener;
import io.longreach.encoders.checkpoint.LocalFolder;
import io.longreach.encoders.checkpoint.SentenceSettings;
import io.longreach.encoders.family.TensorSource;
import io.longreach.encoders.hub.HubFolder;
import io.longreach.encoders.hub.HubModel;
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
import java.util.Optional;

/**
 * What a model is made of, read from where it is kept.
 *
 * @param fingerprint of the weights, the configuration and the tokenizer
 * @param sentence how states become a vector
 */
record ModelSource(
    String name,
    String fingerprint,
    JsonNode config,
    TensorSource tensors,
    String tokenizerJson,
    SentenceSettings sentence) {
  private static final int FINGERPRINT_DIGITS = 8;

  static ModelSource open(String model) {
    Optional<ClassPathModel> known = ClassPathModel.named(model);
    if (known.isPresent()) {
      return fromClassPath(known.get());
    }
    return fromFolder(Checkpoint.open(folder(model)));
  }

  /** What a model says of itself without its weights. */
  record Settings(JsonNode config, SentenceSettings sentence) {}

  /** The configuration alone, without reading the weights. */
  static Settings settings(String model) {
    Optional<ClassPathModel> known = ClassPathModel.named(model);
    if (known.isPresent()) {
      return new Settings(known.get().config(), known.get().sentence());
    }
    Checkpoint checkpoint = Checkpoint.open(folder(model));
    return new Settings(checkpoint.config(), checkpoint.sentence());
  }

  private static CheckpointFolder folder(String model) {
    if (model.matches("[A-Za-z][A-Za-z0-9+.-]+:/.*")) {
      URI uri = uri(model);
      return uri.getScheme().equals("file")
          ? new LocalFolder(model, Path.of(uri))
          : FolderOpener.find(uri);
    }
    Path folder = Path.of(model);
    if (Files.isDirectory(folder)) {
      return LocalFolder.of(folder);
    }
    Optional<HubModel> hub = HubModel.parse(model);
    if (hub.isPresent()) {
      return HubFolder.open(hub.get());
    }
    throw new IllegalArgumentException(
        "model must be "
            + String.join(", ", ClassPathModel.names())
            + ", a checkpoint folder, its URI, or org/name[@revision] of the hub, was '"
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

  private static ModelSource fromFolder(Checkpoint checkpoint) {
    return new ModelSource(
        checkpoint.name(),
        checkpoint.fingerprint(FINGERPRINT_DIGITS),
        checkpoint.config(),
        checkpoint.tensors(),
        checkpoint.tokenizerJson(),
        checkpoint.sentence());
  }

  private static ModelSource fromClassPath(ClassPathModel model) {
    try (InputStream weights = model.open(".onnx");
        InputStream tokenizer = model.open("-tokenizer.json")) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String tokenizerJson = new String(tokenizer.readAllBytes(), StandardCharsets.UTF_8);
      digest.update(model.config().toString().getBytes(StandardCharsets.UTF_8));
      digest.update(tokenizerJson.getBytes(StandardCharsets.UTF_8));
      OnnxWeights tensors = OnnxWeights.read(new DigestInputStream(weights, digest));
      String fingerprint = HexFormat.of().formatHex(digest.digest());
      return new ModelSource(
          model.modelName(),
          fingerprint.substring(0, FINGERPRINT_DIGITS),
          model.config(),
          tensors,
          tokenizerJson,
          model.sentence());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the weights of " + model.modelName() + " could not be read", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
