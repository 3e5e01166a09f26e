package io.longreach.kernels.pattern;

import java.util.List;

/** A pattern for each layer: {@code 0-3: window(64); 4-11: window(512) + global(0)}. */
public record PerLayer(List<Choice> choices) implements AttentionPattern {
  public PerLayer {
    choices = Choice.check(choices, "layer");
    for (Choice choice : choices) {
      if (choice.pattern() instanceof PerLayer) {
        throw new IllegalArgumentException(
            "a layer must name one pattern, was again by layer: '" + choice + "'");
      }
    }
  }

  @Override
  public AttentionPattern at(int layer, int head, int heads) {
    return Choice.pick(choices, "layer", layer).at(layer, head, heads);
  }

  @Override
  public boolean hashes() {
    return choices.stream().anyMatch(choice -> choice.pattern().hashes());
  }

  @Override
  public String toString() {
    return Choice.join(choices);
  }
}
