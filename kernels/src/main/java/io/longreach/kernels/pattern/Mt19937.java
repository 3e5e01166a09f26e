package io.longreach.kernels.pattern;

/**
 * NumPy's legacy generator, to the bit: what {@code np.random.seed(seed)} and {@code
 * np.random.permutation} give. Published BigBird checkpoints were trained with its draws.
 *
 * <p><b>Source.</b> Matsumoto and Nishimura 1998; the shuffle and bounded draw of NumPy's
 * RandomState (masked rejection).
 */
final class Mt19937 {
  private static final int SIZE = 624;
  private static final int SHIFT = 397;

  private final int[] state = new int[SIZE];
  private int next = SIZE;

  /**
   * @param seed 0 to 2³² - 1, as NumPy demands
   */
  Mt19937(long seed) {
    if (seed < 0 || seed > 0xFFFFFFFFL) {
      throw new IllegalArgumentException(
          "the seed of published draws must be 0 to 4294967295, was " + seed + ": choose another");
    }
    state[0] = (int) seed;
    for (int i = 1; i < SIZE; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  /** A permuted copy. */
  int[] permutation(int[] values) {
    int[] shuffled = values.clone();
    for (int i = shuffled.length - 1; i > 0; i--) {
      int other = upTo(i);
      int swap = shuffled[i];
      shuffled[i] = shuffled[other];
      shuffled[other] = swap;
    }
    return shuffled;
  }

  /** Uniform in {@code [0, most]}. */
  private int upTo(int most) {
    int mask = Integer.highestOneBit(most) * 2 - 1;
    int drawn;
    do {
      drawn = draw() & mask;
    } while (drawn > most);
    return drawn;
  }

  private int draw() {
    if (next == SIZE) {
      twist();
    }
    int y = state[next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }

  private void twist() {
    for (int i = 0; i < SIZE; i++) {
      int y = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7fffffff);
      int mixed = state[(i + SHIFT) % SIZE] ^ (y >>> 1);
      state[i] = (y & 1) == 0 ? mixed : mixed ^ 0x9908b0df;
    }
    next = 0;
  }
}
