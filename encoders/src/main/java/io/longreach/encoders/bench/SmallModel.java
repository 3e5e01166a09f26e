package io.longreach.encoders.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * A checkpoint folder with a BERT or Longformer of random weights and MiniLM's tokenizer, for what
 * does not depend on what vectors mean.
 */
public final class SmallModel {
  private static final int HEAD_DIM = 32;
  private static final int POSITIONS = 512;
  private static final int WINDOW_TOKENS = 16;
  private static final String TOKENIZER = "/all-minilm-l6-v2-tokenizer.json";

  private SmallModel() {}

  /** Writes a model of 2 layers, 64 wide, some thirty times as fast as MiniLM. */
  public static Path write(Path folder) throws IOException {
    return write(folder, "bert", 2, 2);
  }

  /** Writes a model of 1 layer, 32 wide, that costs less than tokenizing its texts. */
  public static Path writeSmallest(Path folder) throws IOException {
    return write(folder, "bert", 1, 1);
  }

  /** Writes a Longformer of 2 layers, 64 wide, with a window of 8 tokens on each side. */
  public static Path writeLongformer(Path folder) throws IOException {
    return write(folder, "longformer", 2, 2);
  }

  private static Path write(Path folder, String type, int layers, int heads) throws IOException {
    RandomCheckpoint model =
        new RandomCheckpoint(type, layers, HEAD_DIM * heads, heads, POSITIONS, WINDOW_TOKENS);
    Files.createDirectories(folder);
    ObjectNode config = (ObjectNode) model.config();
    config.put("max_position_embeddings", POSITIONS).put("vocab_size", RandomCheckpoint.VOCABULARY);
    Files.writeString(folder.resolve("config.json"), config.toString());
    try (InputStream tokenizer = SmallModel.class.getResourceAsStream(TOKENIZER)) {
      if (tokenizer == null) {
        throw new IOException("MiniLM's tokenizer is not on the class path: add the model's jar");
      }
      Files.write(folder.resolve("tokenizer.json"), tokenizer.readAllBytes());
    }
    try (OutputStream out = Files.newOutputStream(folder.resolve("model.safetensors"))) {
      writeTensors(model, out);
    }
    return folder;
  }

  /** Safetensors: the header's length, the header as JSON, the tensors one behind the other. */
  private static void writeTensors(RandomCheckpoint model, OutputStream out) throws IOException {
    Map<String, int[]> shapes = new TreeMap<>(model.shapes());
    ObjectNode header = new ObjectMapper().createObjectNode();
    long offset = 0;
    for (Map.Entry<String, int[]> tensor : shapes.entrySet()) {
      long bytes = Float.BYTES;
      ObjectNode entry = header.putObject(tensor.getKey()).put("dtype", "F32");
      for (int size : tensor.getValue()) {
        entry.withArray("shape").add(size);
        bytes *= size;
      }
      entry.putArray("data_offsets").add(offset).add(offset + bytes);
      offset += bytes;
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    out.write(
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(json.length)
            .array());
    out.write(json);
    for (String name : shapes.keySet()) {
      float[] values = model.read(name);
      ByteBuffer bytes =
          ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      out.write(bytes.array());
    }
  }
}
