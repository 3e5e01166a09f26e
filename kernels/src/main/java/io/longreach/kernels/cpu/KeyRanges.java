package io.longreach.kernels.cpu;

import io.longreach.kernels.plan.BlockPlan;
import java.util.Arrays;

/**
 * The key ranks that a plan visits: ranges that neither touch nor overlap, in order, and where each
 * of them starts when all are laid end to end.
 */
final class KeyRanges {
  private final int[] starts;
  private final int[] offsets;
  private final int count;

  private KeyRanges(int[] starts, int[] offsets, int count) {
    this.starts = starts;
    this.offsets = offsets;
    this.count = count;
  }

  /** Ranks {@code [0, keys)}. */
  static KeyRanges all(int keys) {
    return new KeyRanges(new int[] {0}, new int[] {0, keys}, 1);
  }

  /** What one entry of a plan visits. */
  static KeyRanges of(BlockPlan plan, int entry) {
    int start = plan.keyStart(entry);
    return new KeyRanges(new int[] {start}, new int[] {0, plan.keyEnd(entry) - start}, 1);
  }

  /** What the entries of a plan visit. */
  static KeyRanges of(BlockPlan plan) {
    int first = plan.firstEntry(0);
    int last = plan.lastEntry(plan.queryTiles() - 1);
    long[] entries = new long[last - first];
    for (int e = first; e < last; e++) {
      entries[e - first] = (long) plan.keyStart(e) << 32 | plan.keyEnd(e);
    }
    Arrays.sort(entries);
    int[] starts = new int[entries.length];
    int[] offsets = new int[entries.length + 1];
    int count = 0;
    int end = -1;
    for (long entry : entries) {
      int start = (int) (entry >>> 32);
      if (start > end) {
        starts[count] = start;
        offsets[count + 1] = offsets[count];
        count++;
        end = start;
      }
      int beyond = Math.max(0, (int) entry - end);
      offsets[count] += beyond;
      end += beyond;
    }
    return new KeyRanges(starts, offsets, count);
  }

  int count() {
    return count;
  }

  /** First rank of a range. */
  int start(int range) {
    return starts[range];
  }

  /** Ranks of a range. */
  int size(int range) {
    return offsets[range + 1] - offsets[range];
  }

  /** Ranks of all ranges. */
  int total() {
    return offsets[count];
  }

  /** Where a rank of one of the ranges lies when they are laid end to end. */
  int place(int rank) {
    int range = Arrays.binarySearch(starts, 0, count, rank);
    if (range < 0) {
      range = -range - 2;
    }
    return offsets[range] + rank - starts[range];
  }
}
