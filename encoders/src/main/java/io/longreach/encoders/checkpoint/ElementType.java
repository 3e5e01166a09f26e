package io.longreach.encoders.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Types of safetensors values that are read here. */
enum ElementType {
  F64(8),
  F32(4),
  F16(2),
  BF16(2),
  I64(8),
  I32(4),
  I16(2),
  I8(1),
  U8(1),
  BOOL(1);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  int bytes() {
    return bytes;
  }

  /** The type of a name, or null. */
  static ElementType of(String name) {
    for (ElementType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    return null;
  }

  /** Converts all the elements of a part; what a float cannot hold is rounded. */
  void floats(ByteBuffer part, float[] into, int at) {
    ByteBuffer little = part.order(ByteOrder.LITTLE_ENDIAN);
    int count = little.remaining() / bytes;
    if (this == F32) {
      little.asFloatBuffer().get(into, at, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      into[at + i] =
          switch (this) {
            case F16 -> half(little.getShort(2 * i));
            case BF16 -> Float.intBitsToFloat(little.getShort(2 * i) << 16);
            default -> (float) value(little, i);
          };
    }
  }

  /** Converts all the elements of a part; exact but for whole numbers beyond 2^53. */
  void doubles(ByteBuffer part, double[] into, int at) {
    ByteBuffer little = part.order(ByteOrder.LITTLE_ENDIAN);
    int count = little.remaining() / bytes;
    for (int i = 0; i < count; i++) {
      into[at + i] = value(little, i);
    }
  }

  private double value(ByteBuffer little, int i) {
    return switch (this) {
      case F64 -> little.getDouble(8 * i);
      case F32 -> little.getFloat(4 * i);
      case F16 -> half(little.getShort(2 * i));
      case BF16 -> Float.intBitsToFloat(little.getShort(2 * i) << 16);
      case I64 -> little.getLong(8 * i);
      case I32 -> little.getInt(4 * i);
      case I16 -> little.getShort(2 * i);
      case I8 -> little.get(i);
      case U8, BOOL -> little.get(i) & 0xFF;
    };
  }

  /**
   * IEEE half to float, exact. The JDK has it from version 20 only; moving the exponent by a
   * multiplication takes denormals along.
   */
  static float half(short half) {
    int magnitude = half & 0x7FFF;
    float value =
        magnitude >= 0x7C00
            ? Float.intBitsToFloat(0x7F800000 | (magnitude & 0x3FF) << 13)
            : Float.intBitsToFloat(magnitude << 13) * 0x1p112f;
    return half < 0 ? -value : value;
  }
}
