package io.longreach.kernels.plan;

/**
 * Normal numbers by counter, the same bits on every machine: strict mathematics only.
 *
 * <p><b>Source.</b> Box and Muller 1958; the counter is hashed by SplitMix64's finaliser.
 */
final class Gaussian {
  private static final double UNIT = 0x1p-53;

  private Gaussian() {}

  static long stream(long seed, int layer) {
    return mix(mix(seed) + layer);
  }

  static float at(long stream, int index) {
    double radius = (mix(stream + 2L * index) >>> 11) * UNIT;
    double angle = (mix(stream + 2L * index + 1) >>> 11) * UNIT;
    return (float)
        (StrictMath.sqrt(-2 * StrictMath.log(1 - radius)) * StrictMath.cos(2 * Math.PI * angle));
  }

  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
