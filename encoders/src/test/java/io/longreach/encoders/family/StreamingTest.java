package io.longreach.encoders.family;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longreach.encoders.transformer.Document;
import io.longreach.encoders.transformer.DocumentStream;
import io.longreach.encoders.transformer.Encoder;
import io.longreach.encoders.transformer.PackedDocuments;
import io.longreach.encoders.transformer.PositionPolicy;
import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.reference.ReferenceDevice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A document by segments is the document as a whole. */
class StreamingTest {
  private static final int TOKENS = 1501;
  private static final int[] SEGMENTS = {1, 100, 500, 1500};

  @ParameterizedTest
  @ValueSource(
      strings = {
        "window(0)",
        "window(16)",
        "window(left=70, right=3)",
        "window(left=0, right=55)",
        "causal(window(200))",
        "block(24)",
        "block(7, before=1)",
        "block(100, before=1, after=2)",
        "0: window(40); 1: block(50, after=1)",
        "window(9) + block(32)",
        "heads(0-1: window(64); *: causal(window(5)))"
      })
  void windowsAndBlocksGiveTheSameBits(String pattern) {
    assertSame(CpuDevice.create(2), pattern, 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dilated(4, rate=5)",
        "causal(dilated(20, rate=3))",
        "window(16) + dilated(3, rate=16)",
        "0: dilated(left=2, right=9, rate=7); 1: window(33)"
      })
  void dilatedPatternsGiveTheSameToRounding(String pattern) {
    assertSame(CpuDevice.create(1), pattern, 1e-5f);
  }

  @ParameterizedTest
  @ValueSource(strings = {"window(16)", "causal(dilated(20, rate=3))", "block(24)"})
  void theReferenceStreamsToo(String pattern) {
    assertSame(new ReferenceDevice(), pattern, 1e-6f);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "window(16) + global(0)",
        "window(left=70, right=3) + global(5, 700, 1500)",
        "global(0, 2, 4, 6, 8, 10) + window(3)",
        "block(24) + global(790-801)",
        "dilated(4, rate=5) + global(0)",
        "0: window(40) + global(0-3); 1: window(16)",
        "0: window(40); 1: window(16) + global(0)"
      })
  void globalTokensAreStreamedLayerByLayer(String pattern) {
    assertSame(CpuDevice.create(2), pattern, 1e-5f);
    assertSame(new ReferenceDevice(), pattern, 1e-6f);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense",
        "heads(0-1: window(64) + global(0); *: window(5))",
        "causal(window(4) + global(0))",
        "window(4) + global(0-64)",
        "0: window(4); 1: dense",
        "chunks(16)",
        "random(4)",
        "performer(features=16)",
        "lsh(rounds=1, chunk=16)",
        "window(1500)"
      })
  void attentionWithoutBoundIsNotStreamed(String pattern) {
    Encoder encoder = encoder(CpuDevice.create(1), pattern);
    assertTrue(encoder.stream(Document.of(ids()), 100).isEmpty(), pattern);
  }

  @ParameterizedTest
  @ValueSource(strings = {"window(24)", "0: block(10); 1: window(left=3, right=40); 2: window(8)"})
  void rotaryPositionsGoOnFromSegmentToSegment(String pattern) {
    assertSame(CpuDevice.create(2), modernBert(CpuDevice.create(2), pattern).encoder(), pattern, 0);
  }

  @Test
  void rotaryPositionsOfGlobalTokensAreTheirOwn() {
    Device device = CpuDevice.create(2);
    String pattern = "window(24) + global(3, 900)";
    assertSame(device, modernBert(device, pattern).encoder(), pattern, 1e-5f);
  }

  @Test
  void aLongformerWithoutGlobalTokensIsStreamed() {
    String none = "a Longformer without global tokens";
    assertSame(CpuDevice.create(1), longformer(Optional.of(List.of())).encoder(), none, 0);
  }

  @Test
  void aLongformerIsStreamedByTheGlobalProjections() {
    for (List<Integer> globals : List.of(List.of(0), List.of(0, 1, 640, 1500))) {
      EncoderModel model = longformer(Optional.of(globals));
      Document document = model.document(ids());
      assertEquals(globals.size(), document.globalTokens().length);
      assertSame(CpuDevice.create(1), model.encoder(), document, "global " + globals, 1e-5f);
    }
  }

  private static EncoderModel modernBert(Device device, String pattern) {
    ObjectNode config = new ObjectMapper().createObjectNode();
    config.put("model_type", "modernbert").put("hidden_size", 32).put("num_hidden_layers", 3);
    config.put("num_attention_heads", 4).put("intermediate_size", 40);
    config.put("local_rope_theta", 100.0);
    Map<String, int[]> shapes = new HashMap<>();
    shapes.put("embeddings.tok_embeddings.weight", new int[] {50, 32});
    shapes.put("embeddings.norm.weight", new int[] {32});
    shapes.put("final_norm.weight", new int[] {32});
    for (int layer = 0; layer < 3; layer++) {
      String prefix = "layers." + layer + ".";
      shapes.put(prefix + "attn.Wqkv.weight", new int[] {96, 32});
      shapes.put(prefix + "attn.Wo.weight", new int[] {32, 32});
      shapes.put(prefix + "attn_norm.weight", new int[] {32});
      shapes.put(prefix + "mlp.Wi.weight", new int[] {80, 32});
      shapes.put(prefix + "mlp.Wo.weight", new int[] {32, 40});
      shapes.put(prefix + "mlp_norm.weight", new int[] {32});
    }
    Reading reading =
        new Reading(Optional.of(AttentionPattern.parse(pattern)), PositionPolicy.NATIVE);
    return new ModernBertFamily()
        .load(config, new AnyPatternTest.RandomTensors(shapes), device, reading);
  }

  /** Positions that count what is no padding; some tokens have the padding's id. */
  private static EncoderModel longformer(Optional<List<Integer>> globals) {
    ObjectNode config = (ObjectNode) AnyPatternTest.config();
    config.put("model_type", "longformer").put("attention_window", 32).put("pad_token_id", 1);
    TensorSource bert = AnyPatternTest.weights();
    TensorSource weights =
        new TensorSource() {
          @Override
          public boolean has(String name) {
            return bert.has(name.replace("_global", ""));
          }

          @Override
          public int[] shape(String name) {
            return bert.shape(name.replace("_global", ""));
          }

          @Override
          public float[] read(String name) {
            return bert.read(name.replace("_global", ""));
          }
        };
    Reading reading =
        new Reading(Optional.empty(), PositionPolicy.STRETCH)
            .with(globals, Reading.RandomDraw.AS_TRAINED);
    return new LongformerFamily().load(config, weights, CpuDevice.create(1), reading);
  }

  private static void assertSame(Device device, String pattern, float tolerance) {
    assertSame(device, encoder(device, pattern), pattern, tolerance);
  }

  private static void assertSame(Device device, Encoder encoder, String pattern, float tolerance) {
    assertSame(device, encoder, Document.of(ids()), pattern, tolerance);
  }

  private static void assertSame(
      Device device, Encoder encoder, Document document, String pattern, float tolerance) {
    Matrix whole = encoder.encode(new PackedDocuments(List.of(document)));
    float[] expected = device.download(whole, 0, whole.rows());
    for (int segment : SEGMENTS) {
      float[] found = new float[expected.length];
      int at = 0;
      try (DocumentStream stream = encoder.stream(document, segment).orElseThrow()) {
        while (!stream.isDone()) {
          DocumentStream.Rows rows = stream.next();
          assertEquals(at, rows.firstToken() * encoder.columns(), "rows come in order");
          float[] values = device.download(rows.states(), 0, rows.states().rows());
          System.arraycopy(values, 0, found, at, values.length);
          at += values.length;
        }
      }
      assertEquals(expected.length, at, "all rows come");
      assertArrayEquals(expected, found, tolerance, pattern + " by segments of " + segment);
    }
  }

  private static Encoder encoder(Device device, String pattern) {
    Reading reading =
        new Reading(Optional.of(AttentionPattern.parse(pattern)), PositionPolicy.TILE);
    return BertFamily.bert()
        .load(AnyPatternTest.config(), AnyPatternTest.weights(), device, reading)
        .encoder();
  }

  private static int[] ids() {
    return new SplittableRandom(5).ints(TOKENS, 0, 50).toArray();
  }
}
