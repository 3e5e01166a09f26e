package io.longreach.encoders.family;

import io.longreach.encoders.transformer.AttentionLayer;
import io.longreach.encoders.transformer.GlobalAttention;
import io.longreach.encoders.transformer.LayerPatterns;
import io.longreach.kernels.pattern.SlidingWindow;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Longformer: RoBERTa with a window per layer and global tokens; the first token is global unless a
 * document or the reading says otherwise.
 *
 * <p><b>Source.</b> Beltagy et al., Longformer, 2020.
 */
final class LongformerFamily extends BertFamily {
  LongformerFamily() {
    super("longformer.", true);
  }

  /** {@code attention_window} is the whole window, half of it on each side. */
  @Override
  LayerPatterns published(Settings settings, BertConfig config, Reading reading) {
    List<Integer> given = settings.sizes("attention_window");
    List<Integer> windows =
        given.size() == 1 ? Collections.nCopies(config.layers(), given.get(0)) : given;
    if (windows.size() != config.layers() || windows.stream().anyMatch(window -> window % 2 != 0)) {
      throw new IllegalArgumentException(
          "config.json: attention_window must be an even size for each of "
              + config.layers()
              + " layers, was "
              + given
              + ": take the file that the checkpoint came with");
    }
    return (layer, tokens) -> new SlidingWindow(windows.get(layer) / 2, windows.get(layer) / 2);
  }

  @Override
  AttentionLayer attention(BertConfig config, Weights weights, int layer, LayerPatterns patterns) {
    int hidden = config.hidden();
    return new GlobalAttention(
        layer,
        config.heads(),
        projections(config, weights),
        weights.linear("query_global", hidden, hidden),
        weights.stacked(List.of("key_global", "value_global"), hidden, hidden),
        patterns.layer(layer));
  }

  @Override
  Optional<int[]> globalTokens(Reading reading) {
    return Optional.of(reading.globalTokensOr(0));
  }
}
