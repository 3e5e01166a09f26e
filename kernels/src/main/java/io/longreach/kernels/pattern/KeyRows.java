package io.longreach.kernels.pattern;

/**
 * The keys of every query, as runs: the form of a pattern that lowering reads. Reading a row costs
 * in proportion to its runs, never to its keys or to the document.
 */
@FunctionalInterface
public interface KeyRows {

  /**
   * Writes the keys that {@code query} counts more than {@code level} times, as sorted runs that do
   * not touch. Level 0 is the set of keys; higher levels exist only where a published model counts
   * a key again.
   *
   * @param out empty when called
   */
  void keys(int query, int level, KeyRuns out);

  /** How often a key may count at most. */
  default int levels() {
    return 1;
  }

  /** The next query whose keys may differ from those of {@code query}. */
  default int sameUntil(int query) {
    return query + 1;
  }
}
