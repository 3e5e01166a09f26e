package io.longreach.encoders.family;

import com.fasterxml.jackson.databind.JsonNode;
import io.longreach.encoders.transformer.AttentionLayer;
import io.longreach.encoders.transformer.EmbeddingTable;
import io.longreach.encoders.transformer.Encoder;
import io.longreach.encoders.transformer.EncoderLayer;
import io.longreach.encoders.transformer.IndexSource;
import io.longreach.encoders.transformer.LayerPatterns;
import io.longreach.encoders.transformer.LearnedPositions;
import io.longreach.encoders.transformer.PatternAttention;
import io.longreach.encoders.transformer.Residuals;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.pattern.Dense;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * BERT and what shares its layers and names: MiniLM, bge, e5, RoBERTa.
 *
 * <p><b>Source.</b> Devlin et al., BERT, 2018; Liu et al., RoBERTa, 2019.
 */
class BertFamily implements Family {
  private final String prefix;
  private final boolean positionsBehindPad;

  /** BERT: positions count from 0. */
  static BertFamily bert() {
    return new BertFamily("bert.", false);
  }

  /** RoBERTa: positions count tokens that are not padding, from the padding's id + 1. */
  static BertFamily roberta() {
    return new BertFamily("roberta.", true);
  }

  BertFamily(String prefix, boolean positionsBehindPad) {
    this.prefix = prefix;
    this.positionsBehindPad = positionsBehindPad;
  }

  /** The attention that checkpoints of this family were trained with. */
  LayerPatterns published(Settings settings, BertConfig config, Reading reading) {
    return (layer, tokens) -> new Dense();
  }

  /** The attention of one layer; {@code weights} are below {@code attention.self.} */
  AttentionLayer attention(BertConfig config, Weights weights, int layer, LayerPatterns patterns) {
    return new PatternAttention(
        layer, config.heads(), projections(config, weights), null, patterns.layer(layer));
  }

  static Device.Linear projections(BertConfig config, Weights weights) {
    return weights.stacked(List.of("query", "key", "value"), config.hidden(), config.hidden());
  }

  /** What word embeddings are multiplied with. */
  double wordFactor(Settings settings, BertConfig config) {
    return 1;
  }

  /** Name of the linear layer that pools the first row. */
  String pooler() {
    return "pooler.dense";
  }

  /** Tokens with global attention where a document names none; empty without projections. */
  Optional<int[]> globalTokens(Reading reading) {
    return Optional.empty();
  }

  @Override
  public AttentionInUse attention(JsonNode json) {
    Settings settings = new Settings(json);
    BertConfig config = BertConfig.of(settings);
    Reading reading = Reading.defaults();
    int positions = settings.size("max_position_embeddings", 512);
    int ownTokens =
        positionsBehindPad ? positions - settings.number("pad_token_id", 1) - 1 : positions;
    return inUse(
        PatternsInUse.of(reading, published(settings, config, reading), ownTokens),
        config,
        reading);
  }

  private AttentionInUse inUse(LayerPatterns patterns, BertConfig config, Reading reading) {
    return new AttentionInUse(patterns, config.layers(), globalTokens(reading), Padding.NONE);
  }

  @Override
  public EncoderModel load(JsonNode json, TensorSource tensors, Device device, Reading reading) {
    Settings settings = new Settings(json);
    BertConfig config = BertConfig.of(settings);
    Weights weights = Weights.of(tensors, device, prefix, "embeddings.word_embeddings.weight");
    int padId = positionsBehindPad ? settings.number("pad_token_id", 1) : -1;
    int ownTokens = weights.rows("embeddings.position_embeddings.weight") - padId - 1;
    LearnedPositions positions = new LearnedPositions(ownTokens, reading.positions());
    LayerPatterns patterns =
        PatternsInUse.of(reading, published(settings, config, reading), ownTokens);
    List<EncoderLayer> layers = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      layers.add(layer(config, weights.under("encoder.layer." + layer + "."), layer, patterns));
    }
    List<EmbeddingTable> embeddings =
        embeddings(
            config,
            weights.under("embeddings."),
            wordFactor(settings, config),
            positionsBehindPad ? positions.countedBehind(padId) : positions.counted());
    Encoder.Parts parts =
        new Encoder.Parts(
            config.hidden(),
            embeddings,
            weights.norm("embeddings.LayerNorm", config.hidden(), config.epsilon()),
            Residuals.POST_NORM,
            layers,
            null);
    return new EncoderModel(
        new Encoder(device, parts),
        ownTokens,
        inUse(patterns, config, reading),
        weights.has(pooler() + ".weight")
            ? Optional.of(weights.linear(pooler(), config.hidden(), config.hidden()))
            : Optional.empty());
  }

  private static List<EmbeddingTable> embeddings(
      BertConfig config, Weights weights, double wordFactor, IndexSource positions) {
    Device.Table words = weights.table("word_embeddings.weight", config.hidden(), wordFactor);
    Device.Table places = weights.table("position_embeddings.weight", config.hidden());
    Device.Table types = weights.table("token_type_embeddings.weight", config.hidden());
    return List.of(
        new EmbeddingTable(words, IndexSource.tokens()),
        new EmbeddingTable(places, positions),
        new EmbeddingTable(types, IndexSource.types()));
  }

  private EncoderLayer layer(
      BertConfig config, Weights weights, int layer, LayerPatterns patterns) {
    int hidden = config.hidden();
    return new EncoderLayer(
        attention(config, weights.under("attention.self."), layer, patterns),
        weights.linear("attention.output.dense", hidden, hidden),
        weights.norm("attention.output.LayerNorm", hidden, config.epsilon()),
        new Device.FeedForward(
            weights.linear("intermediate.dense", hidden, config.inner()),
            null,
            config.activation(),
            weights.linear("output.dense", config.inner(), hidden)),
        weights.norm("output.LayerNorm", hidden, config.epsilon()));
  }
}
