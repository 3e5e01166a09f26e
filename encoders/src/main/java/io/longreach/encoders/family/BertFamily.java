package io.longreach.encoders.family;

import com.fasterxml.jackson.databind.JsonNode;
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

/**
 * BERT and what shares its layers and names: MiniLM, bge, e5, RoBERTa.
 *
 * <p><b>Source.</b> Devlin et al., BERT, 2018; Liu et al., RoBERTa, 2019.
 */
final class BertFamily implements Family {
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

  private BertFamily(String prefix, boolean positionsBehindPad) {
    this.prefix = prefix;
    this.positionsBehindPad = positionsBehindPad;
  }

  @Override
  public EncoderModel load(JsonNode config, TensorSource tensors, Device device, Reading reading) {
    BertConfig bert = BertConfig.of(new Settings(config));
    Weights weights = Weights.of(tensors, device, prefix, "embeddings.word_embeddings.weight");
    int padId = positionsBehindPad ? new Settings(config).number("pad_token_id", 1) : -1;
    int ownTokens = weights.rows("embeddings.position_embeddings.weight") - padId - 1;
    LearnedPositions positions = new LearnedPositions(ownTokens, reading.positions());
    LayerPatterns patterns = PatternsInUse.of(reading, (layer, tokens) -> new Dense(), ownTokens);
    List<EncoderLayer> layers = new ArrayList<>();
    for (int layer = 0; layer < bert.layers(); layer++) {
      layers.add(layer(bert, weights.under("encoder.layer." + layer + "."), layer, patterns));
    }
    Encoder.Parts parts =
        new Encoder.Parts(
            bert.hidden(),
            embeddings(
                bert,
                weights.under("embeddings."),
                positionsBehindPad ? positions.countedBehind(padId) : positions.counted()),
            weights.norm("embeddings.LayerNorm", bert.hidden(), bert.epsilon()),
            Residuals.POST_NORM,
            layers,
            null);
    return new EncoderModel(new Encoder(device, parts), ownTokens, patterns, bert.layers());
  }

  private static List<EmbeddingTable> embeddings(
      BertConfig bert, Weights weights, IndexSource positions) {
    return List.of(
        new EmbeddingTable(
            weights.table("word_embeddings.weight", bert.hidden()), IndexSource.tokens()),
        new EmbeddingTable(weights.table("position_embeddings.weight", bert.hidden()), positions),
        new EmbeddingTable(
            weights.table("token_type_embeddings.weight", bert.hidden()), IndexSource.types()));
  }

  private static EncoderLayer layer(
      BertConfig bert, Weights weights, int layer, LayerPatterns patterns) {
    Device.Linear projections =
        weights.stacked(
            List.of("attention.self.query", "attention.self.key", "attention.self.value"),
            bert.hidden(),
            bert.hidden());
    return new EncoderLayer(
        new PatternAttention(layer, bert.heads(), projections, null, patterns),
        weights.linear("attention.output.dense", bert.hidden(), bert.hidden()),
        weights.norm("attention.output.LayerNorm", bert.hidden(), bert.epsilon()),
        new Device.FeedForward(
            weights.linear("intermediate.dense", bert.hidden(), bert.inner()),
            null,
            bert.activation(),
            weights.linear("output.dense", bert.inner(), bert.hidden())),
        weights.norm("output.LayerNorm", bert.hidden(), bert.epsilon()));
  }
}
