package io.longreach.encoders.family;

import com.fasterxml.jackson.databind.JsonNode;
import io.longreach.encoders.transformer.EmbeddingTable;
import io.longreach.encoders.transformer.Encoder;
import io.longreach.encoders.transformer.EncoderLayer;
import io.longreach.encoders.transformer.HeadShape;
import io.longreach.encoders.transformer.IndexSource;
import io.longreach.encoders.transformer.LayerPatterns;
import io.longreach.encoders.transformer.PatternAttention;
import io.longreach.encoders.transformer.Residuals;
import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Dense;
import io.longreach.kernels.pattern.SlidingWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * ModernBERT: rotary positions, windows with a dense layer now and then, gated feed-forward.
 *
 * <p><b>Source.</b> Warner et al., Smarter, Better, Faster, Longer, 2024.
 */
final class ModernBertFamily implements Family {

  private record Config(
      int hidden,
      int layers,
      HeadShape heads,
      int inner,
      Activation activation,
      double epsilon,
      int ownTokens,
      int globalEvery,
      int localTokens,
      double globalTheta,
      double localTheta) {

    static Config of(Settings settings) {
      int hidden = settings.size("hidden_size");
      int heads = settings.size("num_attention_heads");
      double globalTheta = settings.real("global_rope_theta", 160000);
      return new Config(
          hidden,
          settings.size("num_hidden_layers"),
          settings.heads(hidden, heads),
          settings.size("intermediate_size"),
          settings.activation("hidden_activation", "gelu"),
          settings.real("norm_eps", 1e-5),
          settings.size("max_position_embeddings", 8192),
          settings.size("global_attn_every_n_layers", 3),
          settings.size("local_attention", 128),
          globalTheta,
          settings.has("local_rope_theta") ? settings.real("local_rope_theta") : globalTheta);
    }

    boolean isGlobal(int layer) {
      return layer % globalEvery == 0;
    }

    AttentionPattern pattern(int layer) {
      return isGlobal(layer) ? new Dense() : new SlidingWindow(localTokens / 2, localTokens / 2);
    }
  }

  @Override
  public AttentionInUse attention(JsonNode config) {
    Config c = Config.of(new Settings(config));
    return AttentionInUse.of(
        PatternsInUse.of(Reading.defaults(), (layer, tokens) -> c.pattern(layer), c.ownTokens()),
        c.layers(),
        Padding.NONE);
  }

  @Override
  public EncoderModel load(JsonNode config, TensorSource tensors, Device device, Reading reading) {
    Config c = Config.of(new Settings(config));
    Weights weights = Weights.of(tensors, device, "model.", "embeddings.tok_embeddings.weight");
    LayerPatterns patterns =
        PatternsInUse.of(reading, (layer, tokens) -> c.pattern(layer), c.ownTokens());
    // Before the rotations: it holds config.json against the checkpoint.
    EmbeddingTable words =
        new EmbeddingTable(
            weights.table("embeddings.tok_embeddings.weight", c.hidden()), IndexSource.tokens());
    Device.Rotation global = device.rotation(c.globalTheta(), c.heads().headDim());
    Device.Rotation local =
        c.localTheta() == c.globalTheta()
            ? global
            : device.rotation(c.localTheta(), c.heads().headDim());
    List<EncoderLayer> layers = new ArrayList<>();
    for (int layer = 0; layer < c.layers(); layer++) {
      Device.Rotation rotation = c.isGlobal(layer) ? global : local;
      layers.add(layer(c, weights.under("layers." + layer + "."), layer, rotation, patterns));
    }
    Encoder.Parts parts =
        new Encoder.Parts(
            c.hidden(),
            List.of(words),
            weights.norm("embeddings.norm", c.hidden(), c.epsilon()),
            Residuals.PRE_NORM,
            layers,
            weights.norm("final_norm", c.hidden(), c.epsilon()));
    return new EncoderModel(
        new Encoder(device, parts),
        c.ownTokens(),
        AttentionInUse.of(patterns, c.layers(), Padding.NONE),
        Optional.empty());
  }

  private static EncoderLayer layer(
      Config c, Weights weights, int layer, Device.Rotation rotation, LayerPatterns patterns) {
    int inner = c.inner();
    Device.Linear projections = weights.linear("attn.Wqkv", c.hidden(), 3 * c.heads().columns());
    return new EncoderLayer(
        new PatternAttention(layer, c.heads(), projections, rotation, patterns.layer(layer)),
        weights.linear("attn.Wo", c.hidden(), c.hidden()),
        layer == 0 ? null : weights.norm("attn_norm", c.hidden(), c.epsilon()),
        new Device.FeedForward(
            weights.part("mlp.Wi", c.hidden(), 2 * inner, 0, inner),
            weights.part("mlp.Wi", c.hidden(), 2 * inner, inner, inner),
            c.activation(),
            weights.linear("mlp.Wo", inner, c.hidden())),
        weights.norm("mlp_norm", c.hidden(), c.epsilon()));
  }
}
