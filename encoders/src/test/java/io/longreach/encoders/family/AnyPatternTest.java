package io.longreach.encoders.family;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longreach.encoders.transformer.Document;
import io.longreach.encoders.transformer.PackedDocuments;
import io.longreach.encoders.transformer.PositionPolicy;
import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.reference.ReferenceDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns on a small BERT of random weights that was not trained for them. */
class AnyPatternTest {
  private static final int HIDDEN = 32;
  private static final int INNER = 40;
  private static final int TOKENS = 150;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lsh(buckets=8, rounds=3, chunk=16)",
        "lsh(rounds=2, chunk=32, seed=9)",
        "causal(lsh(buckets=4x4, rounds=2, chunk=16))",
        "lsh(buckets=8, rounds=2, chunk=16, variant=lucidrains)",
        "performer(features=48)",
        "causal(performer(features=40, kernel=relu, seed=3))",
        "0: performer(features=64); 1: dense",
        "0: lsh(buckets=8, rounds=2, chunk=16); 1: window(16)"
      })
  void theCpuComputesWhatTheReferenceDoes(String pattern) {
    int[] ids = ids(TOKENS);
    float[] expected = states(new ReferenceDevice(), pattern, ids, ids(37));
    float[] found = states(CpuDevice.create(2), pattern, ids, ids(37));
    assertArrayEquals(expected, found, 5e-5f, pattern);
    float[] dense = states(CpuDevice.create(2), "dense", ids, ids(37));
    assertFalse(Arrays.equals(dense, found), pattern + " must not be dense attention");
  }

  @Test
  void aTextOfOneChunkIsSeenWhole() {
    float[] dense = states(CpuDevice.create(1), "dense", ids(60));
    float[] lsh = states(CpuDevice.create(1), "lsh(rounds=4, chunk=64)", ids(60));
    assertArrayEquals(dense, lsh, 1e-5f);
  }

  @Test
  void chunksThatSeeAllOthersAreDense() {
    float[] dense = states(new ReferenceDevice(), "dense", ids(64));
    String all = "lsh(buckets=4, rounds=1, chunk=16, before=3)";
    assertArrayEquals(dense, states(new ReferenceDevice(), all, ids(64)), 1e-5f);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lsh(buckets=8, rounds=3, chunk=16)", "performer(features=48)"})
  void whatSharesTheBatchChangesNothing(String pattern) {
    int[] ids = ids(TOKENS);
    float[] alone = states(CpuDevice.create(1), pattern, ids);
    float[] shared = states(CpuDevice.create(2), pattern, ids(41), ids);
    assertArrayEquals(
        alone, Arrays.copyOfRange(shared, 41 * HIDDEN, (41 + TOKENS) * HIDDEN), 0f, "bits");
  }

  private static float[] states(Device device, String pattern, int[]... documents) {
    Reading reading =
        new Reading(Optional.of(AttentionPattern.parse(pattern)), PositionPolicy.TILE);
    EncoderModel model = BertFamily.bert().load(config(), weights(), device, reading);
    List<Document> read = new ArrayList<>();
    for (int[] ids : documents) {
      read.add(model.document(ids));
    }
    Matrix states = model.encoder().encode(new PackedDocuments(read));
    assertEquals(HIDDEN, states.columns());
    return device.download(states, 0, states.rows());
  }

  private static int[] ids(int tokens) {
    return new SplittableRandom(tokens).ints(tokens, 0, 50).toArray();
  }

  static JsonNode config() {
    ObjectNode config = new ObjectMapper().createObjectNode();
    config.put("model_type", "bert").put("hidden_size", HIDDEN).put("num_hidden_layers", 2);
    return config.put("num_attention_heads", 4).put("intermediate_size", INNER);
  }

  static TensorSource weights() {
    Map<String, int[]> shapes = new HashMap<>();
    shapes.put("embeddings.word_embeddings.weight", new int[] {50, HIDDEN});
    shapes.put("embeddings.position_embeddings.weight", new int[] {64, HIDDEN});
    shapes.put("embeddings.token_type_embeddings.weight", new int[] {2, HIDDEN});
    linear(shapes, "embeddings.LayerNorm", HIDDEN);
    for (int layer = 0; layer < 2; layer++) {
      String prefix = "encoder.layer." + layer + ".";
      for (String name : List.of("query", "key", "value")) {
        linear(shapes, prefix + "attention.self." + name, HIDDEN, HIDDEN);
      }
      linear(shapes, prefix + "attention.output.dense", HIDDEN, HIDDEN);
      linear(shapes, prefix + "attention.output.LayerNorm", HIDDEN);
      linear(shapes, prefix + "intermediate.dense", INNER, HIDDEN);
      linear(shapes, prefix + "output.dense", HIDDEN, INNER);
      linear(shapes, prefix + "output.LayerNorm", HIDDEN);
    }
    return new RandomTensors(shapes);
  }

  static void linear(Map<String, int[]> shapes, String name, int... shape) {
    shapes.put(name + ".weight", shape);
    shapes.put(name + ".bias", new int[] {shape[0]});
  }

  /** Values by name: about normal, scaled so that scores are a few units. */
  record RandomTensors(Map<String, int[]> shapes) implements TensorSource {
    @Override
    public boolean has(String name) {
      return shapes.containsKey(name);
    }

    @Override
    public int[] shape(String name) {
      return shapes.get(name);
    }

    @Override
    public float[] read(String name) {
      int[] shape = shapes.get(name);
      float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
      SplittableRandom random = new SplittableRandom(name.hashCode());
      double scale = shape.length == 1 ? 0.5 : 1.5 / Math.sqrt(shape[1]);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (scale * (2 * random.nextDouble() - 1) * Math.sqrt(3));
      }
      return values;
    }
  }
}
