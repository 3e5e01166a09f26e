package io.longreach.kernels.plan;

/**
 * One pass of attention over a range of query ranks, as plain data. Tiles where connections come in
 * runs ({@link BlockPlan}); lists of keys where they are scattered ({@link GatherPlan}).
 */
public sealed interface Plan permits BlockPlan, GatherPlan {

  /** Ranks on the query side of the whole pass (not only of this range). */
  int queries();

  /** First query rank covered. */
  int firstQuery();

  /** One past the last query rank covered. */
  int lastQuery();
}
