package io.longreach.encoders.family;

import com.fasterxml.jackson.databind.JsonNode;
import io.longreach.encoders.transformer.EmbeddingTable;
import io.longreach.encoders.transformer.Encoder;
import io.longreach.encoders.transformer.EncoderLayer;
import io.longreach.encoders.transformer.HeadShape;
import io.longreach.encoders.transformer.IndexSource;
import io.longreach.encoders.transformer.LayerPatterns;
import io.longreach.encoders.transformer.LearnedPositions;
import io.longreach.encoders.transformer.PatternAttention;
import io.longreach.encoders.transformer.Residuals;
import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.plan.FeatureMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Performer: linear attention by random features, with the projections that the checkpoint was
 * trained with.
 *
 * <p><b>Source.</b> Choromanski et al., Rethinking Attention with Performers, 2021; names and rules
 * of lucidrains' performer-pytorch {@code PerformerLM}.
 */
final class PerformerFamily implements Family {
  private static final double EPSILON = 1e-5;

  /** Settings of the published implementation that change what a layer computes. */
  private static final List<String> UNSUPPORTED =
      List.of(
          "rotary_position_emb",
          "axial_position_emb",
          "reversible",
          "ff_glu",
          "use_scalenorm",
          "use_rezero",
          "no_projection",
          "cross_attend",
          "shift_tokens");

  private record Config(
      int hidden, int layers, HeadShape heads, int inner, Performer.Kernel kernel, boolean causal) {

    static Config of(Settings settings) {
      for (String name : UNSUPPORTED) {
        if (settings.flag(name, false)) {
          throw unsupported(name, "true");
        }
      }
      if (settings.number("local_attn_heads", 0) != 0) {
        throw unsupported("local_attn_heads", "not 0");
      }
      int hidden = settings.size("dim");
      return new Config(
          hidden,
          settings.size("depth"),
          settings.heads("heads", "dim_head"),
          settings.times("ff_mult", settings.size("ff_mult", 4), hidden),
          settings.flag("generalized_attention", false)
              ? Performer.Kernel.RELU
              : Performer.Kernel.SOFTMAX,
          settings.flag("causal", false));
    }

    private static IllegalArgumentException unsupported(String name, String value) {
      return new IllegalArgumentException(
          "config.json: "
              + name
              + " must be off, was "
              + value
              + ": this kind of Performer is not supported");
    }
  }

  /** The number of features is the published default where only the weights would tell it. */
  @Override
  public AttentionInUse attention(JsonNode json) {
    Settings settings = new Settings(json);
    Config config = Config.of(settings);
    int headDim = config.heads().headDim();
    int features = Math.max(1, (int) (headDim * Math.log(headDim)));
    Performer pattern =
        new Performer(
            settings.size("nb_features", features),
            config.kernel(),
            config.causal() ? Direction.CAUSAL : Direction.BIDIRECTIONAL,
            0);
    return AttentionInUse.of((layer, tokens) -> pattern, config.layers(), Padding.NONE);
  }

  @Override
  public EncoderModel load(JsonNode json, TensorSource tensors, Device device, Reading reading) {
    Config config = Config.of(new Settings(json));
    Weights weights = Weights.of(tensors, device, "", "token_emb.weight");
    int ownTokens = weights.rows("pos_emb.emb.weight");
    List<EmbeddingTable> embeddings =
        List.of(
            new EmbeddingTable(
                weights.table("token_emb.weight", config.hidden()), IndexSource.tokens()),
            new EmbeddingTable(
                weights.table("pos_emb.emb.weight", config.hidden()),
                new LearnedPositions(ownTokens, reading.positions()).counted()));
    List<FeatureMap> features = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      features.add(features(config, under(weights, layer)));
    }
    LayerPatterns patterns =
        PatternsInUse.of(reading, (layer, tokens) -> pattern(features.get(layer)), ownTokens);
    List<EncoderLayer> layers = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      layers.add(layer(config, under(weights, layer), layer, features.get(layer), patterns));
    }
    Encoder.Parts parts =
        new Encoder.Parts(
            config.hidden(),
            embeddings,
            null,
            Residuals.PRE_NORM,
            layers,
            weights.norm("norm", config.hidden(), EPSILON));
    return new EncoderModel(
        new Encoder(device, parts),
        ownTokens,
        AttentionInUse.of(patterns, config.layers(), Padding.NONE),
        Optional.empty());
  }

  private static Weights under(Weights weights, int layer) {
    return weights.under("performer.net.layers." + layer + ".");
  }

  private static FeatureMap features(Config config, Weights weights) {
    String name = "0.fn.fast_attention.projection_matrix";
    int headDim = config.heads().headDim();
    int features = weights.rows(name);
    return new FeatureMap(
        config.kernel(),
        config.causal() ? Direction.CAUSAL : Direction.BIDIRECTIONAL,
        weights.read(name, features, headDim),
        features,
        headDim);
  }

  /** The pattern that means the checkpoint's own projection. */
  private static Performer pattern(FeatureMap features) {
    return new Performer(features.features(), features.kernel(), features.direction(), 0);
  }

  private static EncoderLayer layer(
      Config config, Weights weights, int layer, FeatureMap features, LayerPatterns patterns) {
    int hidden = config.hidden();
    int columns = config.heads().columns();
    return new EncoderLayer(
        new PatternAttention(
            layer,
            config.heads(),
            weights.stacked(List.of("0.fn.to_q", "0.fn.to_k", "0.fn.to_v"), hidden, columns),
            null,
            patterns.layer(layer),
            Map.of(pattern(features), features)),
        weights.linear("0.fn.to_out", columns, hidden),
        weights.norm("0.norm", hidden, EPSILON),
        new Device.FeedForward(
            weights.linear("1.fn.fn.w1", hidden, config.inner()),
            null,
            Activation.GELU,
            weights.linear("1.fn.fn.w2", config.inner(), hidden)),
        weights.norm("1.norm", hidden, EPSILON));
  }
}
