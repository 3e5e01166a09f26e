package io.longreach.kernels.pattern;

/**
 * Random numbers by counter: a function of (seed, layer, head, position, draw) and of nothing else,
 * so that a document gets the same bits wherever and in whatever order it is computed.
 *
 * <p><b>Source.</b> The finaliser of SplitMix64 (Steele, Lea, Flood 2014), chained over the parts
 * of the counter.
 */
final class CounterRandom {
  private CounterRandom() {}

  /** One stream for each place. */
  static long stream(long seed, int layer, int head, int position) {
    return mix(mix(mix(mix(seed) + layer) + head) + position);
  }

  /** The draw of a stream, uniform in {@code [0, limit)}. */
  static int below(long stream, int draw, int limit) {
    long high = mix(stream + draw) >>> 32;
    return (int) (high * limit >>> 32);
  }

  static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
