package io.longreach.kernels.plan;

import java.util.Arrays;

/** The entries of a plan while it is being written. */
final class EntryList {
  private int[] starts = new int[16];
  private int[] ends = new int[16];
  private int[] masks = new int[16];
  private int size;

  void add(int start, int end, int mask) {
    if (size == starts.length) {
      starts = Arrays.copyOf(starts, 2 * size);
      ends = Arrays.copyOf(ends, 2 * size);
      masks = Arrays.copyOf(masks, 2 * size);
    }
    starts[size] = start;
    ends[size] = end;
    masks[size] = mask;
    size++;
  }

  int start(int entry) {
    return starts[entry];
  }

  int end(int entry) {
    return ends[entry];
  }

  int mask(int entry) {
    return masks[entry];
  }

  /** The mask of the entry {@code back} places before the next one. */
  int maskBefore(int back) {
    return back <= size ? masks[size - back] : BlockPlan.FULL;
  }

  int size() {
    return size;
  }

  BlockPlan.Builder into(BlockPlan.Builder builder, int[] tileOffsets) {
    return builder.entries(
        tileOffsets,
        Arrays.copyOf(starts, size),
        Arrays.copyOf(ends, size),
        Arrays.copyOf(masks, size));
  }
}
