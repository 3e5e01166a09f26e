package io.longreach.kernels.plan;

import java.util.Arrays;

/** The distinct masks of a plan: every inner tile of a window has the same edges. */
final class MaskPool {
  private final int wordsPerMask;
  private long[] bits;
  private int masks;

  /** Open addressing: slot to mask + 1, 0 when free. */
  private int[] slots = new int[16];

  MaskPool(int wordsPerMask) {
    this.wordsPerMask = wordsPerMask;
    this.bits = new long[wordsPerMask];
  }

  /**
   * The number of the mask equal to {@code mask}, which is copied when it is new.
   *
   * @param mask null for {@link BlockPlan#FULL}
   * @param guess the number of a likely mask, or {@link BlockPlan#FULL}
   */
  int number(long[] mask, int guess) {
    if (mask == null) {
      return BlockPlan.FULL;
    }
    if (guess != BlockPlan.FULL && equal(mask, guess)) {
      return guess;
    }
    int slot = freeOrEqual(mask);
    if (slots[slot] == 0) {
      if (2 * (masks + 1) > slots.length) {
        grow();
        slot = freeOrEqual(mask);
      }
      long end = (masks + 1L) * wordsPerMask;
      if (end > bits.length) {
        bits = Arrays.copyOf(bits, Math.toIntExact(Math.max(end, Math.min(2 * end, 1 << 30))));
      }
      System.arraycopy(mask, 0, bits, masks * wordsPerMask, wordsPerMask);
      slots[slot] = ++masks;
    }
    return slots[slot] - 1;
  }

  /** A copy of a mask, null for {@link BlockPlan#FULL}. */
  long[] mask(int number) {
    return number == BlockPlan.FULL
        ? null
        : Arrays.copyOfRange(bits, number * wordsPerMask, (number + 1) * wordsPerMask);
  }

  long[] bits() {
    return Arrays.copyOf(bits, masks * wordsPerMask);
  }

  private int freeOrEqual(long[] mask) {
    int slot = hash(mask, 0) & (slots.length - 1);
    while (slots[slot] != 0 && !equal(mask, slots[slot] - 1)) {
      slot = (slot + 1) & (slots.length - 1);
    }
    return slot;
  }

  private boolean equal(long[] mask, int number) {
    int from = number * wordsPerMask;
    return Arrays.equals(mask, 0, wordsPerMask, bits, from, from + wordsPerMask);
  }

  private int hash(long[] array, int from) {
    long hash = 0;
    for (int i = 0; i < wordsPerMask; i++) {
      hash = (hash ^ array[from + i]) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 29;
    }
    return (int) (hash >>> 32);
  }

  private void grow() {
    slots = new int[2 * slots.length];
    for (int number = 0; number < masks; number++) {
      int slot = hash(bits, number * wordsPerMask) & (slots.length - 1);
      while (slots[slot] != 0) {
        slot = (slot + 1) & (slots.length - 1);
      }
      slots[slot] = number + 1;
    }
  }
}
