package io.longreach.kernels.plan;

import java.util.Objects;

/**
 * One pass of attention whose keys are scattered: each query names its keys one by one, so that
 * cost follows the number of connections instead of the number of tiles they touch.
 *
 * <p><b>Semantics.</b> The query at rank {@code r} is token {@code r}. It sees the key tokens
 * {@code keys[offsets[r - firstQuery]] .. keys[offsets[r - firstQuery + 1] - 1]}, in that order; a
 * token listed twice counts twice. In scalar form, for one head:
 *
 * <pre>{@code
 * for (int e = firstEntry(r); e < lastEntry(r); e++) {
 *   double weight = exp(softmaxScale * dot(query[r], key[keys[e]]));
 *   sum += weight;
 *   context += weight * value[keys[e]];
 * }
 * context /= sum;         // a query without keys: context 0,
 * logSumExp = log(sum);   // logSumExp negative infinity
 * }</pre>
 *
 * <p><b>Cost.</b> {@code 4 * headDim} FLOPs and one key row and one value row read per connection.
 */
public final class GatherPlan implements Plan {
  private final int queries;
  private final int firstQuery;
  private final int lastQuery;
  private final int[] offsets;
  private final int[] keys;

  /**
   * Builds a validated plan; the arrays are kept, not copied.
   *
   * @param queries ranks of the whole pass, which are its tokens
   * @param offsets {@code [lastQuery - firstQuery + 1]}, from 0 up to {@code keys.length}
   * @param keys key tokens, all below {@code queries}
   * @throws IllegalArgumentException naming the part that is out of range
   */
  public GatherPlan(int queries, int firstQuery, int lastQuery, int[] offsets, int[] keys) {
    this.queries = queries;
    this.firstQuery = firstQuery;
    this.lastQuery = lastQuery;
    this.offsets = Objects.requireNonNull(offsets, "offsets");
    this.keys = Objects.requireNonNull(keys, "keys");
    PlanChecks.range(firstQuery, lastQuery, queries);
    PlanChecks.offsets("offsets", offsets, lastQuery - firstQuery, keys.length);
    PlanChecks.below("keys", keys, 0, keys.length, queries);
  }

  @Override
  public int queries() {
    return queries;
  }

  @Override
  public int firstQuery() {
    return firstQuery;
  }

  @Override
  public int lastQuery() {
    return lastQuery;
  }

  /** First entry of {@link #keys} of a query, given by its token. */
  public int firstEntry(int query) {
    return offsets[query - firstQuery];
  }

  /** One past the last entry of a query, given by its token. */
  public int lastEntry(int query) {
    return offsets[query - firstQuery + 1];
  }

  /** Key tokens of all queries covered. Not copied: do not write to it. */
  public int[] keys() {
    return keys;
  }
}
