package io.longreach.kernels.cpu;

import static io.longreach.kernels.cpu.VectorMath.LANES;
import static io.longreach.kernels.cpu.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * Rows of a head, times a factor. They are short: the JVM's own copy, or a loop, takes longer to
 * begin than a row of the usual length takes in straight code.
 */
final class VectorScale {

  private VectorScale() {}

  /** See {@link TileKernel#scale}. */
  static void scale(float[] from, int start, float factor, float[] to, int at, int columns) {
    if (columns == 4 * LANES) {
      four(from, start, factor, to, at);
    } else if (columns == 2 * LANES) {
      two(from, start, factor, to, at);
    } else {
      any(from, start, factor, to, at, columns);
    }
  }

  private static void any(float[] from, int start, float factor, float[] to, int at, int columns) {
    int column = 0;
    for (; column <= columns - 2 * LANES; column += 2 * LANES) {
      two(from, start + column, factor, to, at + column);
    }
    for (; column < columns; column++) {
      to[at + column] = from[start + column] * factor;
    }
  }

  private static void two(float[] from, int start, float factor, float[] to, int at) {
    FloatVector a = FloatVector.fromArray(SPECIES, from, start).mul(factor);
    FloatVector b = FloatVector.fromArray(SPECIES, from, start + LANES).mul(factor);
    a.intoArray(to, at);
    b.intoArray(to, at + LANES);
  }

  private static void four(float[] from, int start, float factor, float[] to, int at) {
    FloatVector a = FloatVector.fromArray(SPECIES, from, start).mul(factor);
    FloatVector b = FloatVector.fromArray(SPECIES, from, start + LANES).mul(factor);
    FloatVector c = FloatVector.fromArray(SPECIES, from, start + 2 * LANES).mul(factor);
    FloatVector d = FloatVector.fromArray(SPECIES, from, start + 3 * LANES).mul(factor);
    a.intoArray(to, at);
    b.intoArray(to, at + LANES);
    c.intoArray(to, at + 2 * LANES);
    d.intoArray(to, at + 3 * LANES);
  }
}
