package io.longreach.kernels.pattern;

/** Every query sees every key: the baseline, O(tokens²). */
public record Dense() implements PositionalPattern {
  @Override
  public boolean attends(int query, int key, int tokens) {
    return true;
  }

  @Override
  public String toString() {
    return "dense";
  }
}
