package io.longreach.encoders.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes safetensors files, right or wrong ones. */
public final class SafetensorsBytes {
  private final List<String> entries = new ArrayList<>();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  /** Adds a tensor in a type of float. */
  public SafetensorsBytes add(String name, String type, int[] shape, float[] values) {
    int bytes = type.equals("F32") ? 4 : 2;
    ByteBuffer stored = ByteBuffer.allocate(values.length * bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (type) {
        case "F32" -> stored.putFloat(value);
        case "BF16" -> stored.putShort((short) (Float.floatToIntBits(value) >> 16));
        default -> stored.putShort(half(value));
      }
    }
    return add(name, type, shape, stored.array());
  }

  SafetensorsBytes add(String name, String type, int[] shape, byte[] stored) {
    int first = data.size();
    data.writeBytes(stored);
    entries.add(
        String.format(
            "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}",
            name, type, Arrays.toString(shape), first, data.size()));
    return this;
  }

  public byte[] bytes() {
    return file("{" + String.join(",", entries) + "}", data.toByteArray());
  }

  /** A file with any header. */
  static byte[] file(String header, byte[] data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .put(data)
        .array();
  }

  /** Rounds towards zero; normal numbers only. */
  private static short half(float value) {
    int bits = Float.floatToIntBits(value);
    int exponent = (bits >>> 23 & 0xFF) - 127 + 15;
    int sign = bits >>> 16 & 0x8000;
    return (short) (exponent <= 0 ? sign : sign | exponent << 10 | bits >>> 13 & 0x3FF);
  }
}
