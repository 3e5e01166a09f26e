package io.longreach.kernels.pattern;

import java.util.List;

/**
 * A pattern for each head of a layer: {@code heads(0-5: window(64); *: dilated(64, rate=4))}.
 *
 * <p><b>Source.</b> Beltagy et al. 2020, section 3.1: a different dilation per head.
 */
public record PerHead(List<Choice> choices) implements AttentionPattern {
  public PerHead {
    choices = Choice.check(choices, "head");
    for (Choice choice : choices) {
      if (!(choice.pattern() instanceof PositionalPattern)) {
        throw new IllegalArgumentException(
            "a head must name a positional pattern, was '" + choice.pattern() + "'");
      }
    }
  }

  @Override
  public AttentionPattern at(int layer, int head, int heads) {
    return Choice.pick(choices, "head", head).at(layer, head, heads);
  }

  @Override
  public String toString() {
    return "heads(" + Choice.join(choices) + ")";
  }
}
