package io.longreach.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The bits of a mask that belong to one group of queries. */
final class MaskRows {
  /** Bits are looked up eight at a time, four where vectors have four lanes. */
  private static final VectorSpecies<Float> SPECIES =
      VectorMath.LANES >= 8 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;

  private static final int BITS = SPECIES.length();

  /** For every byte (or nibble) of bits, what to add to the scores: 0, or negative infinity. */
  private static final float[] BIAS = bias();

  private MaskRows() {}

  private static float[] bias() {
    float[] table = new float[BITS * (1 << BITS)];
    for (int bits = 0; bits < 1 << BITS; bits++) {
      for (int lane = 0; lane < BITS; lane++) {
        table[bits * BITS + lane] = (bits >>> lane & 1) == 1 ? 0 : Float.NEGATIVE_INFINITY;
      }
    }
    return table;
  }

  /** First key with a bit in the group, or {@code width}. */
  static int first(long[] mask, int offset, int wordsPerKey, int query, int group, int width) {
    long wanted = wanted(query, group);
    int word = offset + (query >> 6);
    int key = 0;
    while (key < width && (mask[word + key * wordsPerKey] & wanted) == 0) {
      key++;
    }
    return key;
  }

  /** One past the last key with a bit in the group, or {@code first}. */
  static int last(
      long[] mask, int offset, int wordsPerKey, int query, int group, int first, int width) {
    long wanted = wanted(query, group);
    int word = offset + (query >> 6);
    int key = width;
    while (key > first && (mask[word + (key - 1) * wordsPerKey] & wanted) == 0) {
      key--;
    }
    return key;
  }

  private static long wanted(int query, int group) {
    return (group == 64 ? -1L : (1L << group) - 1) << (query & 63);
  }

  /** Adds negative infinity to the scores {@code [key][lane]} of one group where a bit is clear. */
  static void apply(
      long[] mask, int offset, int wordsPerKey, int query, float[] scores, int count) {
    int group = 2 * VectorMath.LANES;
    for (int key = 0; key < count; key++) {
      long bits = mask[offset + key * wordsPerKey + (query >> 6)] >>> (query & 63);
      for (int lane = 0; lane < group; lane += BITS) {
        int row = (int) (bits >>> lane) & ((1 << BITS) - 1);
        int at = key * group + lane;
        FloatVector.fromArray(SPECIES, scores, at)
            .add(FloatVector.fromArray(SPECIES, BIAS, row * BITS))
            .intoArray(scores, at);
      }
    }
  }
}
