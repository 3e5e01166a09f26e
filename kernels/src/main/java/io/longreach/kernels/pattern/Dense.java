package io.longreach.kernels.pattern;

import java.util.List;

/** Every query sees every key: the baseline, O(tokens²). */
public record Dense() implements PositionalPattern {
  @Override
  public boolean attends(int query, int key, int tokens) {
    return true;
  }

  @Override
  public List<KeyPart> parts(int tokens) {
    return List.of(KeyPart.inTokenOrder(new Rows(tokens)));
  }

  /** Everything, for every query. */
  record Rows(int tokens) implements KeyRows {
    @Override
    public void keys(int query, int level, KeyRuns out) {
      out.add(0, tokens);
    }

    @Override
    public int sameUntil(int query) {
      return tokens;
    }
  }

  @Override
  public String toString() {
    return "dense";
  }
}
