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

  /**
   * The step in which rows repeat, 0 if they do not: from an inner query to another one that is a
   * multiple of it away, every run stays or moves along. In a {@link KeyLayout.Residues} layout
   * queries are counted along their class, as keys are.
   */
  default int period() {
    return 0;
  }

  /**
   * Whether the queries from {@code first} to {@code last}, exclusive, are inner: those at the
   * edges of a text have their runs cut off. Of one class in a {@link KeyLayout.Residues} layout.
   */
  default boolean isInner(int first, int last) {
    return false;
  }
}
