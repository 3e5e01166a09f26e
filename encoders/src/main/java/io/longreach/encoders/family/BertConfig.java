package io.longreach.encoders.family;

import io.longreach.kernels.device.Activation;

/** The sizes that BERT and its descendants share, under the names of their {@code config.json}. */
record BertConfig(
    int hidden, int layers, int heads, int inner, Activation activation, double epsilon) {
  private static final double BERT_EPSILON = 1e-12;

  static BertConfig of(Settings settings) {
    String positions = settings.text("position_embedding_type", "absolute");
    if (!positions.equals("absolute")) {
      throw new IllegalArgumentException(
          "config.json: position_embedding_type must be absolute, was '"
              + positions
              + "': choose a checkpoint with learned positions");
    }
    BertConfig config =
        new BertConfig(
            settings.size("hidden_size"),
            settings.size("num_hidden_layers"),
            settings.size("num_attention_heads"),
            settings.size("intermediate_size"),
            settings.activation("hidden_act", "gelu"),
            settings.real("layer_norm_eps", BERT_EPSILON));
    if (config.hidden() % config.heads() != 0) {
      throw new IllegalArgumentException(
          "config.json: hidden_size must be a multiple of num_attention_heads, were "
              + config.hidden()
              + " and "
              + config.heads()
              + ": take the file that the checkpoint came with");
    }
    return config;
  }

  int headDim() {
    return hidden / heads;
  }
}
