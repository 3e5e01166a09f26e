package io.longreach.encoders.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.longreach.encoders.family.TensorSource;
import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;

/**
 * Logits of the masked-language-model checkpoints among the cases: a dense layer, a norm, and the
 * word embeddings as decoder.
 */
final class MaskedTokenHead {
  private final JsonNode config;
  private final TensorSource weights;

  MaskedTokenHead(JsonNode config, TensorSource weights) {
    this.config = config;
    this.weights = weights;
  }

  Matrix logits(Device device, Matrix hidden) {
    return switch (config.path("model_type").asText()) {
      case "bert" ->
          logits(
              device,
              hidden,
              "cls.predictions.transform.dense",
              "cls.predictions.transform.LayerNorm",
              "bert.embeddings.word_embeddings.weight",
              "cls.predictions.bias");
      case "roberta" ->
          logits(
              device,
              hidden,
              "lm_head.dense",
              "lm_head.layer_norm",
              "roberta.embeddings.word_embeddings.weight",
              "lm_head.bias");
      case "modernbert" ->
          logits(
              device,
              hidden,
              "head.dense",
              "head.norm",
              "model.embeddings.tok_embeddings.weight",
              "decoder.bias");
      default -> throw new IllegalArgumentException("logits of " + config.path("model_type"));
    };
  }

  private Matrix logits(
      Device device, Matrix hidden, String dense, String norm, String words, String bias) {
    int columns = hidden.columns();
    Device.Linear layer =
        device.linear(weights.read(dense + ".weight"), optional(dense + ".bias"), columns, columns);
    Matrix state = device.allocate(hidden.rows(), columns);
    device.linear(hidden, layer, activation(), state);
    float epsilon =
        (float) config.path("layer_norm_eps").asDouble(config.path("norm_eps").asDouble());
    device.addNorm(
        state,
        null,
        device.norm(weights.read(norm + ".weight"), optional(norm + ".bias"), epsilon),
        state);
    int vocabulary = weights.shape(words)[0];
    Device.Linear decoder =
        device.linear(weights.read(words), weights.read(bias), columns, vocabulary);
    Matrix logits = device.allocate(hidden.rows(), vocabulary);
    device.linear(state, decoder, Activation.NONE, logits);
    return logits;
  }

  /** BERT's head follows {@code hidden_act}; the others always take GELU. */
  private Activation activation() {
    boolean bert = config.path("model_type").asText().equals("bert");
    return bert && config.path("hidden_act").asText().equals("gelu_new")
        ? Activation.GELU_TANH
        : Activation.GELU;
  }

  private float[] optional(String name) {
    return weights.has(name) ? weights.read(name) : null;
  }
}
