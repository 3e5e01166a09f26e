package io.longreach.encoders.family;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
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
        "dense",
        "window(4) + global(0)",
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

  private static void assertSame(Device device, String pattern, float tolerance) {
    Encoder encoder = encoder(device, pattern);
    Document document = Document.of(ids());
    Matrix whole = encoder.encode(new PackedDocuments(List.of(document)));
    float[] expected = device.download(whole, 0, whole.rows());
    for (int segment : SEGMENTS) {
      float[] found = new float[expected.length];
      DocumentStream stream = encoder.stream(document, segment).orElseThrow();
      int at = 0;
      while (!stream.isDone()) {
        DocumentStream.Rows rows = stream.next();
        assertEquals(at, rows.firstToken() * encoder.columns(), "rows come in order");
        float[] values = device.download(rows.states(), 0, rows.states().rows());
        System.arraycopy(values, 0, found, at, values.length);
        at += values.length;
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
