package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.SPECIES;
import static io.longreach.kernels.cpu.VectorMicro.WIDTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The online softmax of one vector of queries over rows of scores, {@code [key][WIDTH]}. Each
 * method is one loop with one body: C2 stops inlining when a method has too many nodes, and a
 * vector that crosses a call which is not inlined lands on the heap.
 */
final class VectorSoftmax {
  private static final float LOWEST = -1e30f;

  private VectorSoftmax() {}

  /**
   * Raises {@code max} to the highest score of each query. Compared as integers: one instruction
   * each, where Java's float maximum with its NaN and -0 takes five. NaN is above infinity.
   */
  static void raise(float[] max, int query, float[] scores, int first, int count) {
    IntVector even = VectorMath.ordered(FloatVector.fromArray(SPECIES, max, query));
    IntVector odd = even;
    for (int key = 0; key < count; key += 2) {
      int at = first + key * WIDTH;
      // An odd last row is read twice.
      int next = first + Math.min(key + 1, count - 1) * WIDTH;
      even = VectorMath.ordered(FloatVector.fromArray(SPECIES, scores, at)).max(even);
      odd = VectorMath.ordered(FloatVector.fromArray(SPECIES, scores, next)).max(odd);
    }
    IntVector before = VectorMath.ordered(FloatVector.fromArray(SPECIES, max, query));
    VectorMath.unordered(before.max(even).max(odd)).intoArray(max, query);
  }

  /** {@code scores = 2^(scores - max)}, and their sum onto {@code sum}. */
  static void weigh(
      float[] scores, int first, int count, float[] max, int query, float[] sum, int to) {
    FloatVector highest = FloatVector.fromArray(SPECIES, max, query);
    // Finite, so that queries that have seen nothing yet give weights of 0 and not NaN.
    FloatVector finite = highest.blend(LOWEST, highest.lt(LOWEST));
    // NaN where the maximum is NaN: exp2Minus does not pass every NaN on.
    FloatVector total = finite.sub(finite);
    for (int key = 0; key < count; key++) {
      int at = first + key * WIDTH;
      FloatVector weight =
          VectorMath.exp2Minus(finite.sub(FloatVector.fromArray(SPECIES, scores, at)));
      weight.intoArray(scores, at);
      total = weight.add(total);
    }
    FloatVector.fromArray(SPECIES, sum, to).add(total).intoArray(sum, to);
  }
}
