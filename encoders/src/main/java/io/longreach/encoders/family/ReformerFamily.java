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
import io.longreach.encoders.transformer.SharedKeyAttention;
import io.longreach.kernels.device.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reformer: reversible layers with local or LSH attention, positions in a grid of two tables.
 *
 * <p><b>Semantics.</b> A document counts as long as its own next multiple of the chunk, padding
 * masked; chunks wrap around that length. The published model draws new rotations with every call;
 * here they are drawn once, so that a document has one result. The result is {@code [attention
 * stream | hidden stream]}, twice as wide as the layers.
 *
 * <p><b>Source.</b> Kitaev et al., Reformer: The Efficient Transformer, 2020.
 */
final class ReformerFamily implements Family {
  private static final String POSITIONS = "embeddings.position_embeddings.";

  /** Tables of positions and how many positions they make. */
  private record Positions(List<EmbeddingTable> tables, int range) {}

  @Override
  public AttentionInUse attention(JsonNode json) {
    ReformerConfig config = ReformerConfig.of(new Settings(json));
    return AttentionInUse.of(config::pattern, config.kinds().size(), config.padding());
  }

  @Override
  public EncoderModel load(JsonNode json, TensorSource tensors, Device device, Reading reading) {
    Settings settings = new Settings(json);
    ReformerConfig config = ReformerConfig.of(settings);
    Weights weights = Weights.of(tensors, device, "reformer.", "embeddings.word_embeddings.weight");
    List<EmbeddingTable> embeddings = new ArrayList<>();
    embeddings.add(
        new EmbeddingTable(
            weights.table("embeddings.word_embeddings.weight", config.hidden()),
            IndexSource.tokens()));
    Positions positions =
        settings.flag("axial_pos_embds", true)
            ? grid(settings, config, weights, device, reading)
            : plain(config, weights, reading);
    embeddings.addAll(positions.tables());
    LayerPatterns patterns = PatternsInUse.of(reading, config::pattern, positions.range());
    List<EncoderLayer> layers = new ArrayList<>();
    for (int layer = 0; layer < config.kinds().size(); layer++) {
      Weights own = weights.under("encoder.layers." + layer + ".");
      layers.add(layer(config, own, layer, reading, patterns));
    }
    Encoder.Parts parts =
        new Encoder.Parts(
            config.hidden(),
            embeddings,
            null,
            Residuals.REVERSIBLE,
            layers,
            weights.norm(
                "encoder.layer_norm", Math.multiplyExact(2, config.hidden()), config.epsilon()));
    return new EncoderModel(
        new Encoder(device, parts),
        positions.range(),
        AttentionInUse.of(patterns, layers.size(), config.padding()),
        Optional.empty());
  }

  private static Positions plain(ReformerConfig config, Weights weights, Reading reading) {
    String name = POSITIONS + "embedding.weight";
    int range = weights.rows(name);
    IndexSource index = new LearnedPositions(range, reading.positions()).counted();
    return new Positions(
        List.of(new EmbeddingTable(weights.table(name, config.hidden()), index)), range);
  }

  /** Two tables side by side become two that are added up, each zero where the other is not. */
  private static Positions grid(
      Settings settings, ReformerConfig config, Weights weights, Device device, Reading reading) {
    List<Integer> shape = pair(settings, "axial_pos_shape");
    List<Integer> widths = pair(settings, "axial_pos_embds_dim");
    int hidden = config.hidden();
    if ((long) widths.get(0) + widths.get(1) != hidden) {
      throw new IllegalArgumentException(
          "config.json: axial_pos_embds_dim must add up to hidden_size "
              + hidden
              + ", was "
              + widths
              + ": take the file that the checkpoint came with");
    }
    int rows = shape.get(0);
    int columns = shape.get(1);
    float[] first = weights.read(POSITIONS + "weights.0", rows, 1, widths.get(0));
    float[] second = weights.read(POSITIONS + "weights.1", 1, columns, widths.get(1));
    int range = Math.multiplyExact(rows, columns);
    LearnedPositions positions = new LearnedPositions(range, reading.positions());
    return new Positions(
        List.of(
            new EmbeddingTable(
                device.table(widened(first, rows, hidden, 0), rows, hidden),
                positions.gridRows(columns)),
            new EmbeddingTable(
                device.table(widened(second, columns, hidden, widths.get(0)), columns, hidden),
                positions.gridColumns(columns))),
        range);
  }

  private static float[] widened(float[] table, int rows, int columns, int firstColumn) {
    int width = table.length / rows;
    float[] wide = new float[Math.multiplyExact(rows, columns)];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(table, row * width, wide, row * columns + firstColumn, width);
    }
    return wide;
  }

  private static List<Integer> pair(Settings settings, String name) {
    List<Integer> pair = settings.sizes(name);
    if (pair.size() != 2) {
      throw new IllegalArgumentException(
          "config.json: "
              + name
              + " must be two sizes, was "
              + pair
              + ": take the file that the checkpoint came with");
    }
    return pair;
  }

  private static EncoderLayer layer(
      ReformerConfig config, Weights weights, int layer, Reading reading, LayerPatterns patterns) {
    int hidden = config.hidden();
    return new EncoderLayer(
        attention(config, weights.under("attention.self_attention."), layer, reading, patterns),
        weights.linear("attention.output.dense", config.heads().columns(), hidden),
        weights.norm("attention.layer_norm", hidden, config.epsilon()),
        new Device.FeedForward(
            weights.linear("feed_forward.dense.dense", hidden, config.inner()),
            null,
            config.activation(),
            weights.linear("feed_forward.output.dense", config.inner(), hidden)),
        weights.norm("feed_forward.layer_norm", hidden, config.epsilon()));
  }

  private static AttentionLayer attention(
      ReformerConfig config, Weights weights, int layer, Reading reading, LayerPatterns patterns) {
    int hidden = config.hidden();
    int columns = config.heads().columns();
    return switch (config.kinds().get(layer)) {
      case LOCAL ->
          new PatternAttention(
              layer,
              config.heads(),
              weights.stacked(List.of("query", "key", "value"), hidden, columns),
              null,
              patterns.layer(layer));
      case LSH ->
          new SharedKeyAttention(
              layer,
              config.heads(),
              weights.linear("query_key", hidden, columns),
              weights.linear("value", hidden, columns),
              reading.rotations().get(layer),
              patterns.layer(layer));
    };
  }
}
