package io.longreach.encoders;

import com.fasterxml.jackson.databind.JsonNode;
import io.longreach.encoders.family.AttentionInUse;
import io.longreach.encoders.family.Family;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.PerLayer;
import io.longreach.kernels.plan.AttentionCost;
import java.util.HashMap;
import java.util.Map;

/**
 * What is known of a model before its weights are read.
 *
 * @param ownTokens longest document that it was made for
 * @param dimensions length of its vectors
 * @param attention of each layer, where no pattern is asked for
 */
public record ModelDescription(
    String name,
    int ownTokens,
    int dimensions,
    int hidden,
    int layers,
    int heads,
    int inner,
    AttentionInUse attention) {
  private static final int UNKNOWN_TOKENS = 512;

  /** All linear layers of a BERT-like layer: query, key, value, output, up and down. */
  private static final int SQUARE_LAYERS = 4;

  static ModelDescription of(String name, JsonNode config) {
    return switch (config.path("model_type").asText()) {
      case "reformer" -> reformer(name, config);
      case "performer" -> performer(name, config);
      default -> bertLike(name, config);
    };
  }

  private static ModelDescription bertLike(String name, JsonNode config) {
    int hidden = config.path("hidden_size").asInt();
    return new ModelDescription(
        name,
        config.path("max_position_embeddings").asInt(UNKNOWN_TOKENS),
        hidden,
        hidden,
        config.path("num_hidden_layers").asInt(1),
        Math.max(1, config.path("num_attention_heads").asInt(1)),
        config.path("intermediate_size").asInt(4 * hidden),
        Family.of(config).attention(config));
  }

  /** Two streams side by side. */
  private static ModelDescription reformer(String name, JsonNode config) {
    int hidden = config.path("hidden_size").asInt();
    return new ModelDescription(
        name,
        config.path("max_position_embeddings").asInt(UNKNOWN_TOKENS),
        2 * hidden,
        hidden,
        Math.max(1, config.path("attn_layers").size()),
        Math.max(1, config.path("num_attention_heads").asInt(1)),
        config.path("feed_forward_size").asInt(2 * hidden),
        Family.of(config).attention(config));
  }

  private static ModelDescription performer(String name, JsonNode config) {
    int hidden = config.path("dim").asInt();
    return new ModelDescription(
        name,
        config.path("max_seq_len").asInt(UNKNOWN_TOKENS),
        hidden,
        hidden,
        config.path("depth").asInt(1),
        Math.max(1, config.path("heads").asInt(1)),
        config.path("ff_mult").asInt(4) * hidden,
        Family.of(config).attention(config));
  }

  /**
   * Floating-point operations of one document's pass, estimated.
   *
   * @param pattern text form of the pattern in use
   */
  public double flops(String pattern, int tokens) {
    double linear = 2.0 * tokens * hidden * (SQUARE_LAYERS * (double) hidden + 2.0 * inner);
    AttentionPattern parsed = AttentionPattern.parse(pattern);
    Map<AttentionPattern, Double> known = new HashMap<>();
    double flops = layers * linear;
    for (int layer = 0; layer < layers; layer++) {
      int number = layer;
      AttentionPattern own = parsed instanceof PerLayer ? parsed.at(layer, 0, heads) : parsed;
      flops +=
          known.computeIfAbsent(
              own, p -> AttentionCost.of(p, number, heads, hidden / heads, tokens).flops());
    }
    return flops;
  }

  /** The pattern that {@code auto} means for a document. */
  public String defaultPattern(int tokens) {
    return attention.pattern(tokens);
  }
}
