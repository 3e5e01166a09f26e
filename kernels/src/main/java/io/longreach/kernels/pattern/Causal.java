package io.longreach.kernels.pattern;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A pattern without the keys later than their query; a query may still see itself. */
public record Causal(PositionalPattern pattern) implements PositionalPattern {
  public Causal {
    Objects.requireNonNull(pattern, "pattern");
  }

  @Override
  public boolean attends(int query, int key, int tokens) {
    return key <= query && pattern.attends(query, key, tokens);
  }

  @Override
  public int count(int query, int key, int tokens) {
    return key <= query ? pattern.count(query, key, tokens) : 0;
  }

  @Override
  public List<KeyPart> parts(int tokens) {
    return pattern.parts(tokens).stream().map(KeyPart::causal).toList();
  }

  @Override
  public Causal at(int layer, int head, int heads) {
    return new Causal(pattern.at(layer, head, heads));
  }

  @Override
  public Optional<Reach> reach() {
    return pattern.reach().map(reach -> new Reach(reach.leftTokens(), 0, reach.periodTokens()));
  }

  @Override
  public String toString() {
    return "causal(" + pattern + ")";
  }
}
