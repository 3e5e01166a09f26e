package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.LANES;
import static io.longreach.kernels.cpu.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Shows the JVM all kinds of vector operations before any kernel runs long. If one kind, say
 * multiply-adds, came alone for long, C2 would compile the API's inner methods for that kind, throw
 * them away at the next, and count it against every kernel they are inlined in: past a hundred
 * (PerMethodTrapLimit; a micro-kernel has dozens of operations) it no longer trusts any class
 * there, and leaves vectors on the heap, at a quarter of the speed for the life of the process.
 */
final class VectorWarmUp {
  /** Enough for the profile of the first compiler, by which the second goes. */
  private static final int ROUNDS = 2_000;

  private VectorWarmUp() {}

  static void run() {
    float[] floats = new float[LANES];
    for (int round = 0; round < ROUNDS; round++) {
      FloatVector x = FloatVector.fromArray(SPECIES, floats, 0);
      FloatVector y = FloatVector.broadcast(SPECIES, round);
      FloatVector z = x.fma(y, y).add(x).sub(y).mul(0.5f).max(0f);
      z = z.blend(y, z.lt(x)).div(2f).abs();
      IntVector bits = z.viewAsIntegralLanes();
      bits = bits.lanewise(VectorOperators.ASHR, 1).min(round).max(bits);
      bits = bits.lanewise(VectorOperators.LSHL, 1).lanewise(VectorOperators.XOR, bits).and(bits);
      bits = bits.lanewise(VectorOperators.LSHR, 1).add(bits).sub(bits).blend(0, bits.eq(0));
      bits.viewAsFloatingLanes().intoArray(floats, 0);
    }
  }
}
