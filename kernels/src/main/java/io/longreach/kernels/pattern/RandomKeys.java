package io.longreach.kernels.pattern;

import java.util.Arrays;
import java.util.List;

/**
 * A fixed number of keys drawn for each query, without repetition and uniformly from the whole
 * text; itself only if drawn. A text shorter than that is seen whole.
 *
 * <p>The draw is a function of (seed, layer, head, query, tokens), never of placement. {@code at}
 * binds layer and head, so that they differ.
 *
 * <p><b>Source.</b> Zaheer et al. 2020 (BigBird), section 2: random attention with r keys per
 * query; drawn by Floyd's algorithm (Bentley and Floyd 1987).
 */
public record RandomKeys(int keysPerQuery, long seed, int layer, int head)
    implements PositionalPattern {
  private static final int FEW = 32;

  public RandomKeys {
    Rule.atLeast(1, "random keys per query", keysPerQuery);
    Rule.atLeast(0, "random layer", layer);
    Rule.atLeast(0, "random head", head);
  }

  @Override
  public RandomKeys at(int layer, int head, int heads) {
    return new RandomKeys(keysPerQuery, seed, layer, head);
  }

  /** The keys of a query, ascending. */
  public int[] keys(int query, int tokens) {
    int count = Math.min(keysPerQuery, tokens);
    int[] drawn = new int[count];
    long stream = CounterRandom.stream(seed, layer, head, query);
    for (int i = 0; i < count; i++) {
      int limit = tokens - count + i;
      int candidate = CounterRandom.below(stream, i, limit + 1);
      drawn[i] = contains(drawn, i, candidate) ? limit : candidate;
    }
    return sorted(drawn);
  }

  private static boolean contains(int[] drawn, int size, int candidate) {
    for (int i = 0; i < size; i++) {
      if (drawn[i] == candidate) {
        return true;
      }
    }
    return false;
  }

  /**
   * Distinct numbers by their ranks: without a branch to mispredict, this beats sorting when few.
   */
  private static int[] sorted(int[] distinct) {
    if (distinct.length > FEW) {
      Arrays.sort(distinct);
      return distinct;
    }
    int[] sorted = new int[distinct.length];
    for (int value : distinct) {
      int rank = 0;
      for (int other : distinct) {
        rank += (other - value) >>> 31;
      }
      sorted[rank] = value;
    }
    return sorted;
  }

  @Override
  public boolean attends(int query, int key, int tokens) {
    return Arrays.binarySearch(keys(query, tokens), key) >= 0;
  }

  @Override
  public List<KeyPart> parts(int tokens) {
    return List.of(KeyPart.scattered((query, level, out) -> out.addAll(keys(query, tokens))));
  }

  @Override
  public String toString() {
    return new CallText("random")
        .with(keysPerQuery)
        .unless(0L, "seed", seed)
        .unless(0, "layer", layer)
        .unless(0, "head", head)
        .toString();
  }
}
