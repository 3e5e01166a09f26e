package io.longreach.kernels.bench;

import java.util.function.DoubleSupplier;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The fused multiply-add peak of one core: independent chains of multiply-adds in registers and
 * nothing else. What the kernels are compared with.
 */
public final class FmaPeak implements DoubleSupplier {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
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
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
    }
    FloatVector left = a.add(b).add(c).add(d).add(e).add(f);
    return left.add(g).add(h).add(i).add(j).add(k).add(l).lane(0);
  }
}
