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
    return List.of(
        KeyPart.inTokenOrder(
            (query, level, out) ->
                out.add(
                    Math.max(0L, (long) query - leftTokens),
                    Math.min(tokens, (long) query + rightTokens + 1))));
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
