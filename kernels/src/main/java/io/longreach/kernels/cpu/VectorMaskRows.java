package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.LANES;
import static io.longreach.kernels.cpu.VectorMath.SPECIES;
import static io.longreach.kernels.cpu.VectorMicro.WIDTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** The bits of a mask that belong to one group of queries. */
final class VectorMaskRows {
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());

  private static final int NOTHING = Float.floatToRawIntBits(Float.NEGATIVE_INFINITY);

  /** The bit of each lane. */
  private static final int[] LANE_BITS = laneBits();

  private VectorMaskRows() {}

  private static int[] laneBits() {
    int[] bits = new int[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      bits[lane] = 1 << lane;
    }
    return bits;
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

  /** Sets the scores {@code [key][lane]} of one group to negative infinity where a bit is clear. */
  static void apply(
      long[] mask, int offset, int wordsPerKey, int query, float[] scores, int count) {
    long all = wanted(0, WIDTH);
    IntVector laneBits = IntVector.fromArray(INTS, LANE_BITS, 0);
    for (int key = 0; key < count; key++) {
      long bits = mask[offset + key * wordsPerKey + (query >> 6)] >>> (query & 63);
      if ((bits & all) == all) {
        continue;
      }
      for (int half = 0; half < WIDTH; half += LANES) {
        int at = key * WIDTH + half;
        IntVector here = IntVector.broadcast(INTS, (int) (bits >>> half)).and(laneBits);
        FloatVector.fromArray(SPECIES, scores, at)
            .viewAsIntegralLanes()
            .blend(NOTHING, here.eq(0))
            .viewAsFloatingLanes()
            .intoArray(scores, at);
      }
    }
  }
}
