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
      int slot = Arrays.binarySearch(drawn, 0, i, candidate);
      if (slot >= 0) {
        drawn[i] = limit; // larger than all drawn so far, hence last
      } else {
        slot = -slot - 1;
        System.arraycopy(drawn, slot, drawn, slot + 1, i - slot);
        drawn[slot] = candidate;
      }
    }
    return drawn;
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
