package io.longreach.encoders.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longreach.encoders.family.EncoderModel;
import io.longreach.encoders.family.Family;
import io.longreach.encoders.family.Reading;
import io.longreach.encoders.family.TensorSource;
import io.longreach.kernels.device.Device;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A model of any size whose weights are drawn: as fast as a trained one, and good for nothing else.
 *
 * @param type {@code bert} or {@code longformer}
 * @param windowTokens of a Longformer's whole window
 */
record RandomCheckpoint(
    String type, int layers, int hidden, int heads, int positions, int windowTokens)
    implements TensorSource {
  static final int VOCABULARY = 30_522;
  private static final int INNER_FACTOR = 4;

  /** The model as its family reads it. */
  EncoderModel load(Device device, Reading reading) {
    return Family.open(config(), this, device, reading);
  }

  JsonNode config() {
    ObjectNode config = new ObjectMapper().createObjectNode();
    config.put("model_type", type).put("hidden_size", hidden).put("num_hidden_layers", layers);
    config.put("num_attention_heads", heads).put("intermediate_size", INNER_FACTOR * hidden);
    return config.put("attention_window", windowTokens);
  }

  Map<String, int[]> shapes() {
    Map<String, int[]> shapes = new HashMap<>();
    shapes.put("embeddings.word_embeddings.weight", new int[] {VOCABULARY, hidden});
    // RoBERTa's positions begin behind the padding's.
    shapes.put("embeddings.position_embeddings.weight", new int[] {positions + 2, hidden});
    shapes.put("embeddings.token_type_embeddings.weight", new int[] {2, hidden});
    withBias(shapes, "embeddings.LayerNorm", hidden);
    int inner = INNER_FACTOR * hidden;
    for (int layer = 0; layer < layers; layer++) {
      String prefix = "encoder.layer." + layer + ".";
      for (String name : List.of("query", "key", "value")) {
        withBias(shapes, prefix + "attention.self." + name, hidden, hidden);
        withBias(shapes, prefix + "attention.self." + name + "_global", hidden, hidden);
      }
      withBias(shapes, prefix + "attention.output.dense", hidden, hidden);
      withBias(shapes, prefix + "attention.output.LayerNorm", hidden);
      withBias(shapes, prefix + "intermediate.dense", inner, hidden);
      withBias(shapes, prefix + "output.dense", hidden, inner);
      withBias(shapes, prefix + "output.LayerNorm", hidden);
    }
    return shapes;
  }

  private static void withBias(Map<String, int[]> shapes, String name, int... shape) {
    shapes.put(name + ".weight", shape);
    shapes.put(name + ".bias", new int[] {shape[0]});
  }

  @Override
  public boolean has(String name) {
    return shapes().containsKey(name);
  }

  @Override
  public int[] shape(String name) {
    int[] shape = shapes().get(name);
    if (shape == null) {
      throw new IllegalArgumentException("there is no " + place(name) + ": draw another model");
    }
    return shape;
  }

  /** Scaled so that states and scores stay about one. */
  @Override
  public float[] read(String name) {
    int[] shape = shape(name);
    float[] values = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    SplittableRandom random = new SplittableRandom(name.hashCode());
    double scale = shape.length == 1 ? 0.5 : Math.sqrt(3.0 / shape[1]);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (scale * (2 * random.nextDouble() - 1));
    }
    return values;
  }
}
