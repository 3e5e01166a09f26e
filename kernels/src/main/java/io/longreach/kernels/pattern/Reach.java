package io.longreach.kernels.pattern;

import java.util.Optional;

/**
 * How far the keys of a query lie from it at most, and by which shifts a pattern stays itself: what
 * a document needs to be read in segments.
 *
 * @param leftTokens from the first key to the query
 * @param rightTokens from the query to the last key
 * @param periodTokens the pattern of tokens moved on by a multiple of it is the same, but for the
 *     keys that the ends of the text cut off
 */
public record Reach(long leftTokens, long rightTokens, long periodTokens) {

  /** What either pattern reaches; empty if one of them has no bound or they share no period. */
  public static Optional<Reach> union(Optional<Reach> one, Optional<Reach> other) {
    if (one.isEmpty() || other.isEmpty()) {
      return Optional.empty();
    }
    Reach a = one.get();
    Reach b = other.get();
    long period = a.periodTokens / gcd(a.periodTokens, b.periodTokens) * b.periodTokens;
    return period > Integer.MAX_VALUE
        ? Optional.empty()
        : Optional.of(
            new Reach(
                Math.max(a.leftTokens, b.leftTokens),
                Math.max(a.rightTokens, b.rightTokens),
                period));
  }

  /** The reach of every head of a layer together; empty if one of them has no bound. */
  public static Optional<Reach> of(AttentionPattern pattern, int layer, int heads) {
    Optional<Reach> reach = Optional.of(new Reach(0, 0, 1));
    for (int head = 0; head < heads; head++) {
      reach =
          pattern.at(layer, head, heads) instanceof PositionalPattern positional
              ? union(reach, positional.reach())
              : Optional.empty();
    }
    return reach;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
