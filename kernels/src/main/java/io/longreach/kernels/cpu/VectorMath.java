package io.longreach.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width and the elementary functions of the vector kernels. The polynomials are our own
 * (minimax by iterated least squares), made of multiplications and additions only, so that every
 * JVM and every width gives the same bits.
 */
final class VectorMath {

  /**
   * Floats per vector: the machine's own width unless {@code longreach.vectorBits} says 128, 256 or
   * 512. A constant, because C2 compiles vectors well only when it knows their shape.
   */
  static final VectorSpecies<Float> SPECIES =
      species(Integer.getInteger("longreach.vectorBits", 0));

  static final int LANES = SPECIES.length();
  static final int BITS = SPECIES.vectorBitSize();

  /** Adding it rounds a float to the nearest integer and leaves that integer in the low bits. */
  private static final float ROUNDER = 0x1.8p23f;

  /** There the exponent's bits cancel those of 1, which leaves exactly 0. */
  private static final float EXP2_MIN = -127f;

  private static final int EXP2_ZERO_BITS = Float.floatToRawIntBits(-EXP2_MIN);

  private static final float LOG2_E = 1.44269504f;

  static {
    VectorWarmUp.run();
  }

  private VectorMath() {}

  private static VectorSpecies<Float> species(int bits) {
    return switch (bits) {
      case 0 ->
          FloatVector.SPECIES_PREFERRED.length() < 4
              ? FloatVector.SPECIES_128
              : FloatVector.SPECIES_PREFERRED;
      case 128 -> FloatVector.SPECIES_128;
      case 256 -> FloatVector.SPECIES_256;
      case 512 -> FloatVector.SPECIES_512;
      default ->
          throw new IllegalArgumentException(
              "longreach.vectorBits must be 128, 256 or 512, was " + bits);
    };
  }

  /**
   * 2^x for -126 ≤ x ≤ 127, relative error below 2e-7, exactly 1 for 0; exactly 0 for x ≤ -127, and
   * something below 2^-126 in between.
   */
  static FloatVector exp2(FloatVector x) {
    // Not max(): Java's treatment of NaN and -0 makes it five instructions.
    FloatVector bounded = x.blend(EXP2_MIN, x.lt(EXP2_MIN));
    FloatVector shifted = bounded.add(ROUNDER);
    FloatVector r = bounded.sub(shifted.sub(ROUNDER));
    IntVector exponent = shifted.viewAsIntegralLanes().lanewise(VectorOperators.LSHL, 23);
    return exp2Fraction(r).viewAsIntegralLanes().add(exponent).viewAsFloatingLanes();
  }

  /**
   * 2^-z for z ≥ 0, relative error below 2e-7, exactly 1 for 0 and 0 from 127 on. Of NaN something
   * undefined.
   */
  static FloatVector exp2Minus(FloatVector z) {
    // Floats of one sign are ordered like integers, and those have a minimum of one instruction.
    FloatVector bounded = z.viewAsIntegralLanes().min(EXP2_ZERO_BITS).viewAsFloatingLanes();
    FloatVector shifted = bounded.add(ROUNDER);
    FloatVector r = shifted.sub(ROUNDER).sub(bounded);
    IntVector exponent = shifted.viewAsIntegralLanes().lanewise(VectorOperators.LSHL, 23);
    return exp2Fraction(r).viewAsIntegralLanes().sub(exponent).viewAsFloatingLanes();
  }

  /** 2^r for |r| ≤ 1/2. */
  private static FloatVector exp2Fraction(FloatVector r) {
    FloatVector p = FloatVector.broadcast(SPECIES, 1.3264743e-3f);
    p = p.fma(r, FloatVector.broadcast(SPECIES, 9.6715176e-3f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 5.5507336e-2f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 0.24022242f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 0.693147f));
    return p.fma(r, FloatVector.broadcast(SPECIES, 1f));
  }

  /** Integers in the order of the floats, NaN beyond the infinity of its sign. */
  static IntVector ordered(FloatVector x) {
    IntVector bits = x.viewAsIntegralLanes();
    IntVector magnitude = bits.lanewise(VectorOperators.ASHR, 31).lanewise(VectorOperators.LSHR, 1);
    return bits.lanewise(VectorOperators.XOR, magnitude);
  }

  /** Undoes {@link #ordered}. */
  static FloatVector unordered(IntVector x) {
    IntVector magnitude = x.lanewise(VectorOperators.ASHR, 31).lanewise(VectorOperators.LSHR, 1);
    return x.lanewise(VectorOperators.XOR, magnitude).viewAsFloatingLanes();
  }

  /** e^x, see {@link #exp2}; relative error grows with |x| as 1e-7 · |x|. */
  static FloatVector exp(FloatVector x) {
    return exp2(x.mul(LOG2_E));
  }

  /** erf(x), absolute error below 4e-7, exactly ±1 beyond ±4. */
  static FloatVector erf(FloatVector x) {
    FloatVector low = x.blend(-4f, x.lt(-4f));
    FloatVector bounded = low.blend(4f, low.compare(VectorOperators.GT, 4f));
    FloatVector t = bounded.mul(bounded);
    FloatVector p = FloatVector.broadcast(SPECIES, 1.9748297e-6f);
    p = p.fma(t, FloatVector.broadcast(SPECIES, 2.8804236e-4f));
    p = p.fma(t, FloatVector.broadcast(SPECIES, 4.0036715e-3f));
    p = p.fma(t, FloatVector.broadcast(SPECIES, 5.3467553e-2f));
    p = p.fma(t, FloatVector.broadcast(SPECIES, 0.19624953f));
    p = p.fma(t, FloatVector.broadcast(SPECIES, 1.128379f));
    FloatVector q = FloatVector.broadcast(SPECIES, 3.748091e-5f);
    q = q.fma(t, FloatVector.broadcast(SPECIES, 1.2163669e-3f));
    q = q.fma(t, FloatVector.broadcast(SPECIES, 1.5444472e-2f));
    q = q.fma(t, FloatVector.broadcast(SPECIES, 0.11647666f));
    q = q.fma(t, FloatVector.broadcast(SPECIES, 0.50725275f));
    q = q.fma(t, FloatVector.broadcast(SPECIES, 1f));
    // Exactly 1 where the rational has saturated, so that GELU's tail is exactly 0.
    FloatVector sign = bounded.mul(0.25f);
    return bounded.mul(p).div(q).blend(sign, bounded.abs().eq(4f));
  }

  /** x · Φ(x), the erf form of GELU. */
  static FloatVector gelu(FloatVector x) {
    FloatVector half = x.mul(0.5f);
    return half.fma(erf(x.mul(0.70710678f)), half);
  }

  /** The tanh form of GELU: x · σ(2 · sqrt(2/π) · (x + 0.044715 x³)). */
  static FloatVector geluTanh(FloatVector x) {
    FloatVector cubic = x.mul(x).mul(x).mul(0.044715f);
    FloatVector z = x.add(cubic).mul(-2f * 0.7978845608f);
    FloatVector e = exp2(z.mul(LOG2_E).min(120f));
    return x.div(e.add(1f));
  }
}
