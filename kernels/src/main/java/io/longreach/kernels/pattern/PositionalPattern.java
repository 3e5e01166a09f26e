package io.longreach.kernels.pattern;

/** A pattern that depends on positions only. */
public sealed interface PositionalPattern extends AttentionPattern permits Dense, SlidingWindow {

  /**
   * The specification: whether {@code query} may see {@code key} in a document of {@code tokens}.
   */
  boolean attends(int query, int key, int tokens);

  /** The same connections as runs of keys, for lowering. */
  KeyRows rows(int tokens);
}
