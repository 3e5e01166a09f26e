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

  /** Appends single keys, ascending; neighbours become one run. */
  public void addAll(int[] keys) {
    for (int i = 0; i < keys.length; ) {
      int end = i + 1;
      while (end < keys.length && keys[end] == keys[end - 1] + 1) {
        end++;
      }
      add(keys[i], keys[end - 1] + 1L);
      i = end;
    }
  }

  /** Appends all runs of another buffer. */
  public void addAll(KeyRuns other) {
    for (int run = 0; run < other.size; run++) {
      add(other.starts[run], other.ends[run]);
    }
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

  /** Takes keys {@code [start, end)} out of sorted runs. */
  public void remove(int start, int end) {
    if (size == 0 || start >= end || start >= ends[size - 1] || end <= starts[0]) {
      return;
    }
    int runs = size;
    size = 0;
    int cut = -1;
    for (int run = 0; run < runs; run++) {
      int runStart = starts[run];
      int runEnd = ends[run];
      if (runEnd <= start || runStart >= end) {
        put(runStart, runEnd);
      } else {
        if (runStart < start) {
          put(runStart, start);
        }
        if (runEnd > end) {
          if (size > run) {
            cut = runEnd; // the run is cut in two: the second half goes in below
          } else {
            put(end, runEnd);
          }
        }
      }
    }
    if (cut >= 0) {
      add(end, cut);
      sort();
    }
  }

  private void put(int start, int end) {
    starts[size] = start;
    ends[size] = end;
    size++;
  }

  /** Moves all runs by {@code shift}. */
  public void shift(int shift) {
    for (int run = 0; run < size; run++) {
      starts[run] += shift;
      ends[run] += shift;
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
