package io.longreach.kernels.plan;

/**
 * A pattern lowered for one document: one or more passes, each handed out lazily by range of query
 * ranks so that a plan for 100 million tokens is never built whole.
 *
 * <p>The passes of one schedule are disjoint in their connections (or count a key twice on
 * purpose); the result is one softmax over all of them. A query may be missing from some passes.
 */
public interface AttentionSchedule {

  /** Tokens of the document. */
  int tokens();

  /** Number of passes, at least one. */
  int passes();

  /** Query ranks of a pass. */
  int queries(int pass);

  /** Queries per tile in every pass: ranges must start at a multiple of it. */
  int queryTile();

  /** Whether every head has the same plan (then {@code head} is ignored). */
  boolean sharedByHeads();

  /**
   * The plan for query ranks {@code [firstQuery, lastQuery)} of a pass.
   *
   * @param firstQuery a multiple of {@link #queryTile}
   */
  BlockPlan plan(int pass, int head, int firstQuery, int lastQuery);
}
