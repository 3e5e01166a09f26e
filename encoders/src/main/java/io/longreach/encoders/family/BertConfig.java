package io.longreach.encoders.family;

import io.longreach.encoders.transformer.HeadShape;
import io.longreach.kernels.device.Activation;

/** The sizes that BERT and its descendants share, under the names of their {@code config.json}. */
record BertConfig(
    int hidden, int layers, HeadShape heads, int inner, Activation activation, double epsilon) {
  private static final double BERT_EPSILON = 1e-12;

  static BertConfig of(Settings settings) {
    String positions = settings.text("position_embedding_type", "absolute");
    if (!positions.equals("absolute")) {
      throw new IllegalArgumentException(
          "config.json: position_embedding_type must be absolute, was '"
              + positions
              + "': choose a checkpoint with learned positions");
    }
    int hidden = settings.size("hidden_size");
    return new BertConfig(
        hidden,
        settings.size("num_hidden_layers"),
        settings.heads(hidden, settings.size("num_attention_heads")),
        settings.size("intermediate_size"),
        settings.activation("hidden_act", "gelu"),
        settings.real("layer_norm_eps", BERT_EPSILON));
  }
}
