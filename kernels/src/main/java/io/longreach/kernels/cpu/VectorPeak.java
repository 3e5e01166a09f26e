package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.SPECIES;

import java.util.function.DoubleSupplier;
import jdk.incubator.vector.FloatVector;

/**
 * The fused multiply-add peak of one core: independent chains of multiply-adds in registers and
 * nothing else, at the width of the kernels. What they are compared with.
 */
public final class VectorPeak implements DoubleSupplier {
  private static final int CHAINS = 12;
  private static final int STEPS = 20_000;
  private static final int BURSTS = 24;

  private float sink;

  /**
   * GFLOP/s of one reading of a few milliseconds: the best of short bursts, so that an interruption
   * does not lower the peak.
   */
  @Override
  public double getAsDouble() {
    double best = 0;
    for (int burst = 0; burst < BURSTS; burst++) {
      long start = System.nanoTime();
      sink += chains();
      double seconds = (System.nanoTime() - start) / 1e9;
      best = Math.max(best, 2.0 * STEPS * CHAINS * SPECIES.length() / seconds / 1e9);
    }
    return best;
  }

  /** The sum of what was computed; reading it keeps the work from being optimised away. */
  public float sink() {
    return sink;
  }

  private static float chains() {
    FloatVector x = FloatVector.broadcast(SPECIES, 0.999f);
    FloatVector y = FloatVector.broadcast(SPECIES, 0.001f);
    FloatVector a = x;
    FloatVector b = x;
    FloatVector c = x;
    FloatVector d = x;
    FloatVector e = x;
    FloatVector f = x;
    FloatVector g = x;
    FloatVector h = x;
    FloatVector i = x;
    FloatVector j = x;
    FloatVector k = x;
    FloatVector l = x;
    for (int step = 0; step < STEPS; step += 2) {
      a = x.fma(y, a);
      b = x.fma(y, b);
      c = x.fma(y, c);
      d = x.fma(y, d);
      e = x.fma(y, e);
      f = x.fma(y, f);
      g = x.fma(y, g);
      h = x.fma(y, h);
      i = x.fma(y, i);
      j = x.fma(y, j);
      k = x.fma(y, k);
      l = x.fma(y, l);
      a = x.fma(y, a);
      b = x.fma(y, b);
      c = x.fma(y, c);
      d = x.fma(y, d);
      e = x.fma(y, e);
      f = x.fma(y, f);
      g = x.fma(y, g);
      h = x.fma(y, h);
      i = x.fma(y, i);
      j = x.fma(y, j);
      k = x.fma(y, k);
      l = x.fma(y, l);
    }
    FloatVector left = x.add(a).add(b).add(c).add(d).add(e).add(f);
    return left.add(g).add(h).add(i).add(j).add(k).add(l).lane(0);
  }
}
