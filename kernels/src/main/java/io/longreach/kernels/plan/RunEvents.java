package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.KeyRuns;
import java.util.Arrays;

/**
 * The borders of all key runs of a query tile, along the keys.
 *
 * <p>Borders are appended run by run of equal number (all first runs, then all second runs): in
 * that order they are sorted already for windows, blocks and fixed keys beside them, so that
 * sorting is the exception.
 */
final class RunEvents {
  /** Group numbers take this many bits of an event; a tile has at most {@link TileShape#LIMIT}. */
  private static final int GROUP_BITS = 17;

  private int[] starts = new int[64];
  private int[] ends = new int[64];
  private int[] firstRun = new int[65];
  private int groups;
  private long[] events = new long[128];
  private int size;

  /** Begins a tile. */
  void clear() {
    groups = 0;
  }

  /** Adds the runs of the next group of queries. */
  void addGroup(KeyRuns runs) {
    if (groups + 1 == firstRun.length) {
      firstRun = Arrays.copyOf(firstRun, 2 * firstRun.length);
    }
    int from = firstRun[groups];
    int to = from + runs.size();
    if (to > starts.length) {
      starts = Arrays.copyOf(starts, Math.max(to, 2 * starts.length));
      ends = Arrays.copyOf(ends, starts.length);
    }
    for (int run = from; run < to; run++) {
      starts[run] = runs.start(run - from);
      ends[run] = runs.end(run - from);
    }
    firstRun[++groups] = to;
  }

  /** Puts the borders in order; {@link #size}, {@link #key} and {@link #group} read them. */
  void order() {
    int runs = firstRun[groups];
    size = 2 * runs;
    if (size > events.length) {
      events = new long[2 * size];
    }
    append(starts, 0);
    append(ends, runs);
    sortUnlessSorted(0, runs);
    sortUnlessSorted(runs, size);
  }

  private void append(int[] borders, int at) {
    for (int run = 0, left = firstRun[groups]; left > 0; run++) {
      for (int group = 0; group < groups; group++) {
        int border = firstRun[group] + run;
        if (border < firstRun[group + 1]) {
          events[at++] = ((long) borders[border] << GROUP_BITS) | group;
          left--;
        }
      }
    }
  }

  private void sortUnlessSorted(int from, int to) {
    for (int i = from + 1; i < to; i++) {
      if (events[i] < events[i - 1]) {
        Arrays.sort(events, from, to);
        return;
      }
    }
  }

  /** Number of runs: starts are events {@code 0 .. runs - 1}, ends {@code runs .. 2 * runs - 1}. */
  int runs() {
    return size >> 1;
  }

  int key(int event) {
    return (int) (events[event] >>> GROUP_BITS);
  }

  int group(int event) {
    return (int) events[event] & ((1 << GROUP_BITS) - 1);
  }
}
