package io.longreach.kernels.pattern;

/**
 * A query sees the keys from {@code leftTokens} before it to {@code rightTokens} after it, bounds
 * inclusive, itself included.
 */
public record SlidingWindow(int leftTokens, int rightTokens) implements PositionalPattern {
  public SlidingWindow {
    if (leftTokens < 0 || rightTokens < 0) {
      throw new IllegalArgumentException(
          "window must not be negative, was "
              + leftTokens
              + " left and "
              + rightTokens
              + " right: window(0) sees only the token itself");
    }
  }

  @Override
  public boolean attends(int query, int key, int tokens) {
    return (long) key >= (long) query - leftTokens && (long) key <= (long) query + rightTokens;
  }

  @Override
  public KeyRows rows(int tokens) {
    return (query, level, out) ->
        out.add(
            Math.max(0L, (long) query - leftTokens),
            Math.min(tokens, (long) query + rightTokens + 1));
  }

  @Override
  public String toString() {
    return leftTokens == rightTokens
        ? "window(" + leftTokens + ")"
        : "window(left=" + leftTokens + ", right=" + rightTokens + ")";
  }
}
