package io.longreach.encoders.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/** A golden case: inputs and outputs of a published implementation on random weights. */
final class GoldenCase {
  final JsonNode config;
  final Tensors tensors;
  final Tensors weights;

  GoldenCase(Path folder) {
    try {
      config = new ObjectMapper().readTree(folder.resolve("config.json").toFile());
      tensors = new Tensors(folder.resolve("case.safetensors"));
      weights = new Tensors(folder.resolve("model.safetensors"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path folder(String name) {
    try {
      return Path.of(GoldenCase.class.getResource("/golden/" + name).toURI());
    } catch (java.net.URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Tensors of a file, integers as floats. */
  static final class Tensors implements TensorSource {
    private final Map<String, float[]> values = new HashMap<>();
    private final Map<String, int[]> shapes = new HashMap<>();

    Tensors(Path file) throws IOException {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      byte[] header = new byte[(int) bytes.getLong()];
      bytes.get(header);
      int start = bytes.position();
      JsonNode json = new ObjectMapper().readTree(new String(header, StandardCharsets.UTF_8));
      for (Iterator<Map.Entry<String, JsonNode>> i = json.fields(); i.hasNext(); ) {
        Map.Entry<String, JsonNode> entry = i.next();
        if (!entry.getKey().equals("__metadata__")) {
          read(bytes, start, entry.getKey(), entry.getValue());
        }
      }
    }

    private void read(ByteBuffer bytes, int start, String name, JsonNode node) {
      int[] shape = new int[node.get("shape").size()];
      int size = 1;
      for (int i = 0; i < shape.length; i++) {
        shape[i] = node.get("shape").get(i).intValue();
        size *= shape[i];
      }
      bytes.position(start + node.get("data_offsets").get(0).intValue());
      float[] data = new float[size];
      for (int i = 0; i < size; i++) {
        data[i] =
            switch (node.get("dtype").textValue()) {
              case "F32" -> bytes.getFloat();
              case "I64" -> bytes.getLong();
              case "I32" -> bytes.getInt();
              default -> throw new IllegalArgumentException(node.toString());
            };
      }
      values.put(name, data);
      shapes.put(name, shape);
    }

    @Override
    public boolean has(String name) {
      return values.containsKey(name);
    }

    @Override
    public int[] shape(String name) {
      if (!has(name)) {
        throw new IllegalArgumentException("no tensor " + name);
      }
      return shapes.get(name);
    }

    @Override
    public float[] read(String name) {
      return values.get(name).clone();
    }

    /** One row of a batch of integers. */
    int[] row(String name, int row) {
      int tokens = shape(name)[1];
      int[] ints = new int[tokens];
      for (int i = 0; i < tokens; i++) {
        ints[i] = (int) values.get(name)[row * tokens + i];
      }
      return ints;
    }
  }
}
