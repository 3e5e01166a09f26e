package io.longreach.encoders.family;

import io.longreach.encoders.transformer.LayerPatterns;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.BigBird;
import io.longreach.kernels.pattern.Dense;
import io.longreach.kernels.pattern.RandomBlocks;

/**
 * BigBird: BERT over blocks.
 *
 * <p><b>Semantics.</b> Random blocks are drawn as the published checkpoints were trained; today's
 * published implementation leaves them all at block 0 when it does not train, which {@link
 * Reading.RandomDraw#ZERO} gives. Documents of at most {@code 5 + 2 * num_random_blocks} blocks are
 * dense, as published.
 *
 * <p><b>Source.</b> Zaheer et al., Big Bird, 2020.
 */
final class BigBirdFamily extends BertFamily {
  BigBirdFamily() {
    super("bert.", false);
  }

  @Override
  LayerPatterns published(Settings settings, BertConfig config, Reading reading) {
    String type = settings.text("attention_type", "block_sparse");
    return switch (type) {
      case "original_full" -> (layer, tokens) -> new Dense();
      case "block_sparse" -> blockSparse(settings, reading.draw());
      default ->
          throw new IllegalArgumentException(
              "config.json: attention_type must be block_sparse or original_full, was '"
                  + type
                  + "': take the file that the checkpoint came with");
    };
  }

  private static LayerPatterns blockSparse(Settings settings, Reading.RandomDraw draw) {
    int blockTokens = settings.size("block_size", 64);
    int randomBlocks = settings.number("num_random_blocks", 3);
    int maxTokens = settings.size("max_position_embeddings", 4096);
    AttentionPattern sparse =
        new BigBird(
            blockTokens,
            3,
            randomBlocks,
            1,
            draw == Reading.RandomDraw.ZERO
                ? new RandomBlocks.Zero()
                : new RandomBlocks.Published(0, maxTokens, 0, 0, 1));
    long denseTokens = (5 + 2L * randomBlocks) * blockTokens;
    return (layer, tokens) -> tokens <= denseTokens ? new Dense() : sparse;
  }

  @Override
  double wordFactor(Settings settings, BertConfig config) {
    return settings.flag("rescale_embeddings", false) ? Math.sqrt(config.hidden()) : 1;
  }

  @Override
  String pooler() {
    return "pooler";
  }
}
