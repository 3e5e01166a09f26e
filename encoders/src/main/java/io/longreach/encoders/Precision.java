package io.longreach.encoders;

/** Vectors in fewer bytes than four a dimension, for stores that take them. */
public final class Precision {
  private static final int LARGEST = Byte.MAX_VALUE;

  private Precision() {}

  /**
   * One byte a dimension: the largest magnitude of the vector becomes 127, so that cosines stay and
   * lengths do not.
   */
  public static byte[] int8(float[] vector) {
    float largest = Float.MIN_NORMAL;
    for (float x : vector) {
      largest = Math.max(largest, Math.abs(x));
    }
    byte[] bytes = new byte[vector.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Math.round(vector[i] / largest * LARGEST);
    }
    return bytes;
  }

  /** One bit a dimension, set where it is positive, the first dimension in the highest bit. */
  public static byte[] binary(float[] vector) {
    byte[] bits = new byte[(vector.length + Byte.SIZE - 1) / Byte.SIZE];
    for (int i = 0; i < vector.length; i++) {
      if (vector[i] > 0) {
        bits[i / Byte.SIZE] |= (byte) (0x80 >> i % Byte.SIZE);
      }
    }
    return bits;
  }
}
