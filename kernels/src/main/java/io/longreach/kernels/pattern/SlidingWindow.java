package io.longreach.kernels.pattern;

import java.util.List;
import java.util.Optional;

/**
 * A query sees the keys from {@code leftTokens} before it to {@code rightTokens} after it, bounds
 * inclusive, itself included.
 *
 * <pre>
 * window(1) over 5 tokens
 *   1 1 . . .
 *   1 1 1 . .
 *   . 1 1 1 .
 *   . . 1 1 1
 *   . . . 1 1
 * </pre>
 *
 * <p><b>Source.</b> Beltagy et al. 2020 (Longformer), section 3.1; its window of 512 is {@code
 * window(256)} here.
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
  public List<KeyPart> parts(int tokens) {
    return List.of(KeyPart.inTokenOrder(new Rows(leftTokens, rightTokens, tokens)));
  }

  private record Rows(long left, long right, int tokens) implements KeyRows {
    @Override
    public void keys(int query, int level, KeyRuns out) {
      out.add(Math.max(0, query - left), Math.min(tokens, query + right + 1));
    }

    @Override
    public int period() {
      return 1;
    }

    @Override
    public boolean isInner(int first, int last) {
      return first - left >= 0 && last + right <= tokens;
    }
  }

  @Override
  public Optional<Reach> reach() {
    return Optional.of(new Reach(leftTokens, rightTokens, 1));
  }

  @Override
  public String toString() {
    return leftTokens == rightTokens
        ? "window(" + leftTokens + ")"
        : "window(left=" + leftTokens + ", right=" + rightTokens + ")";
  }
}
