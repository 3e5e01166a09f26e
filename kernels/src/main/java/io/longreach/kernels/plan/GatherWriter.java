package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.KeyRuns;
import java.util.Arrays;
import java.util.BitSet;

/** Writes a {@link GatherPlan} query by query. */
final class GatherWriter {
  private final int firstQuery;
  private final int lastQuery;
  private final int[] offsets;
  private int[] keys = new int[64];
  private int size;
  private int row;

  GatherWriter(int firstQuery, int lastQuery) {
    this.firstQuery = firstQuery;
    this.lastQuery = lastQuery;
    this.offsets = new int[lastQuery - firstQuery + 1];
  }

  /** Adds keys to the current query, those in {@code valid} only unless it is null. */
  void add(KeyRuns runs, BitSet valid) {
    for (int run = 0; run < runs.size(); run++) {
      for (int key = runs.start(run); key < runs.end(run); key++) {
        if (valid == null || valid.get(key)) {
          append(key);
        }
      }
    }
  }

  private void append(int key) {
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, Math.multiplyExact(2, size));
    }
    keys[size++] = key;
  }

  void endQuery() {
    offsets[++row] = size;
  }

  GatherPlan plan(int queries) {
    return new GatherPlan(queries, firstQuery, lastQuery, offsets, Arrays.copyOf(keys, size));
  }
}
