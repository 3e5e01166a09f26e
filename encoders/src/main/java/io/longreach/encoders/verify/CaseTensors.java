package io.longreach.encoders.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The tensors of a case file (safetensors), all as doubles: cases are small and must be exact. */
final class CaseTensors {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LENGTH_BYTES = 8;

  private final Map<String, CaseTensor> tensors = new LinkedHashMap<>();

  private CaseTensors() {}

  /**
   * @throws IOException if the file is missing, cut short, or says what it does not hold
   */
  static CaseTensors read(Path file) throws IOException {
    if (Files.size(file) > Integer.MAX_VALUE - LENGTH_BYTES) {
      throw new IOException("a case must be below 2 GiB, was " + Files.size(file) + " bytes");
    }
    ByteBuffer data = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    if (data.remaining() < LENGTH_BYTES) {
      throw new IOException(
          "a safetensors file must have a header, had " + data.remaining() + " bytes");
    }
    long header = data.getLong();
    if (header < 2 || header > data.remaining()) {
      throw new IOException(
          "the header must fit the file, was said to have "
              + header
              + " of "
              + data.remaining()
              + " bytes: the file is cut short or no safetensors");
    }
    JsonNode names = JSON.readTree(data.array(), LENGTH_BYTES, (int) header);
    data.position(LENGTH_BYTES + (int) header);
    ByteBuffer body = data.slice().order(ByteOrder.LITTLE_ENDIAN);
    CaseTensors all = new CaseTensors();
    for (Map.Entry<String, JsonNode> entry : names.properties()) {
      if (!entry.getKey().equals("__metadata__")) {
        all.tensors.put(entry.getKey(), read(entry.getKey(), entry.getValue(), body));
      }
    }
    return all;
  }

  private static CaseTensor read(String name, JsonNode entry, ByteBuffer body) throws IOException {
    String type = entry.path("dtype").asText();
    int bytes = bytes(name, type);
    int[] shape = new int[entry.path("shape").size()];
    long size = 1;
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = entry.path("shape").get(axis).asInt(-1);
      size = shape[axis] < 0 || size > body.capacity() ? -1 : size * shape[axis];
    }
    long start = entry.path("data_offsets").path(0).asLong(-1);
    long end = entry.path("data_offsets").path(1).asLong(-1);
    if (size < 0 || start < 0 || end > body.capacity() || end - start != size * bytes) {
      throw new IOException(
          "tensor " + name + " must lie within the file and fit its shape, was " + entry);
    }
    double[] values = new double[(int) size];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(body, type, (int) start + i * bytes);
    }
    return new CaseTensor(name, shape, values);
  }

  private static int bytes(String name, String type) throws IOException {
    return switch (type) {
      case "F64", "I64" -> 8;
      case "F32", "I32" -> 4;
      case "U8", "BOOL", "I8" -> 1;
      default -> throw new IOException("tensor " + name + " has type '" + type + "', unknown here");
    };
  }

  private static double value(ByteBuffer body, String type, int at) {
    return switch (type) {
      case "F64" -> body.getDouble(at);
      case "I64" -> body.getLong(at);
      case "F32" -> body.getFloat(at);
      case "I32" -> body.getInt(at);
      case "I8" -> body.get(at);
      default -> body.get(at) & 0xFF;
    };
  }

  boolean has(String name) {
    return tensors.containsKey(name);
  }

  /**
   * @throws IllegalArgumentException if the case lacks it
   */
  CaseTensor get(String name) {
    CaseTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("the case must have " + name + ", has " + names());
    }
    return tensor;
  }

  Set<String> names() {
    return tensors.keySet();
  }
}
