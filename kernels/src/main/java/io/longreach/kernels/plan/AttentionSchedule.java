package io.longreach.kernels.plan;

/**
 * A pattern lowered for one document: for every head one or more passes, each handed out lazily by
 * range of query ranks so that a plan for 100 million tokens is never built whole.
 *
 * <p>The passes of one head are disjoint in their connections (or count a key twice on purpose);
 * the result is one softmax over all of them. A query may be missing from some passes, or from all:
 * then its context is zero and its logSumExp negative infinity.
 *
 * <p>Implementations are immutable to the outside and safe for use by several threads.
 */
public interface AttentionSchedule {

  /** Tokens of the document. */
  int tokens();

  /** Number of passes of a head, at least one; heads may differ. */
  int passes(int head);

  /** Query ranks of a pass of a head; zero only where a pattern leaves a head nothing to do. */
  int queries(int head, int pass);

  /**
   * Whether no query has keys in two passes: one that an earlier pass has finds none in a later
   * one. Then passes need not be merged if they run from the last to the first, each over what is
   * there.
   */
  default boolean passesAreSeparate() {
    return false;
  }

  /** Whether rows that no pass has are to become zero; else they are left open. */
  default boolean zeroesOthers() {
    return true;
  }

  /** Queries per tile in every pass: ranges must start at a multiple of it. */
  int queryTile();

  /** Whether every head has the same plans (then {@code head} is ignored). */
  boolean sharedByHeads();

  /**
   * The plan for query ranks {@code [firstQuery, lastQuery)} of a pass of a head: always the same
   * kind of plan for one pass.
   *
   * @param firstQuery a multiple of {@link #queryTile}
   */
  Plan plan(int head, int pass, int firstQuery, int lastQuery);
}
