package io.longreach.encoders.family;

import io.longreach.encoders.transformer.LayerPatterns;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Dense;
import io.longreach.kernels.pattern.SlidingWindow;

/** Which pattern wins: the published one, the one asked for, or the default for long documents. */
final class PatternsInUse {
  /** Found better than chunks, dense attention and truncation on real text, at linear cost. */
  private static final AttentionPattern LONG = new SlidingWindow(256, 256);

  private PatternsInUse() {}

  static LayerPatterns of(Reading reading, LayerPatterns published, int ownTokens) {
    if (reading.pattern().isPresent()) {
      AttentionPattern asked = reading.pattern().get();
      return (layer, tokens) -> asked;
    }
    return (layer, tokens) -> {
      AttentionPattern pattern = published.pattern(layer, tokens);
      return pattern instanceof Dense && tokens > ownTokens ? LONG : pattern;
    };
  }
}
