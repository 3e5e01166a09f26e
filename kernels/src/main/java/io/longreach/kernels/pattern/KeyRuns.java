package io.longreach.kernels.pattern;

import java.util.Arrays;

/**
 * The keys of one query as runs {@code [start, end)}: a buffer that is filled, read and cleared
 * again, so that planning allocates nothing per query.
 */
public final class KeyRuns {
  private int[] starts = new int[8];
  private int[] ends = new int[8];
  private int size;

  public int size() {
    return size;
  }

  public int start(int run) {
    return starts[run];
  }

  public int end(int run) {
    return ends[run];
  }

  public void clear() {
    size = 0;
  }

  /** Appends a run; an empty one is dropped. */
  public void add(long start, long end) {
    if (start >= end) {
      return;
    }
    if (size == starts.length) {
      starts = Arrays.copyOf(starts, 2 * size);
      ends = Arrays.copyOf(ends, 2 * size);
    }
    starts[size] = (int) start;
    ends[size] = (int) end;
    size++;
  }

  /** Sorts the runs and merges those that touch or overlap. */
  public void normalize() {
    sort();
    int kept = 0;
    for (int run = 0; run < size; run++) {
      if (kept > 0 && starts[run] <= ends[kept - 1]) {
        ends[kept - 1] = Math.max(ends[kept - 1], ends[run]);
      } else {
        starts[kept] = starts[run];
        ends[kept] = ends[run];
        kept++;
      }
    }
    size = kept;
  }

  /** Insertion sort by start: runs are few and nearly always in order already. */
  private void sort() {
    for (int run = 1; run < size; run++) {
      int start = starts[run];
      int end = ends[run];
      int slot = run;
      while (slot > 0 && starts[slot - 1] > start) {
        starts[slot] = starts[slot - 1];
        ends[slot] = ends[slot - 1];
        slot--;
      }
      starts[slot] = start;
      ends[slot] = end;
    }
  }

  /** Keys covered, a key in two runs counted twice. */
  public long keys() {
    long keys = 0;
    for (int run = 0; run < size; run++) {
      keys += (long) ends[run] - starts[run];
    }
    return keys;
  }
}
