package io.longreach.kernels.pattern;

/** Every query sees every key: the baseline, O(tokens²). */
public record Dense() implements PositionalPattern {
  @Override
  public boolean attends(int query, int key, int tokens) {
    return true;
  }

  @Override
  public KeyRows rows(int tokens) {
    return new KeyRows() {
      @Override
      public void keys(int query, int level, KeyRuns out) {
        out.add(0, tokens);
      }

      @Override
      public int sameUntil(int query) {
        return tokens;
      }
    };
  }

  @Override
  public String toString() {
    return "dense";
  }
}
