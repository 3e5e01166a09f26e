package io.longreach.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.device.RowReduction;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshRotations;
import io.longreach.kernels.plan.Schedules;
import io.longreach.kernels.reference.ReferenceDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Documents that share launches: each gets what it gets alone, to the bit, and their number costs
 * no launches.
 */
class CudaBatchTest {
  private static final int HEADS = 2;
  private static final int HEAD_DIM = 24;
  private static final int WIDTH = HEADS * HEAD_DIM;

  /** One token, less than a chunk of 16, exactly one, exact multiples, and what fills no tile. */
  private static final int[] TOKENS = {90, 1, 64, 16, 200, 17, 7, 33};

  /** Rows before, between and behind the documents. */
  private static final int GAP = 3;

  private static final float UNTOUCHED = 77;

  private static LaunchCounter counter;
  private static CudaDriver driver;

  @BeforeAll
  static void start() {
    counter = new LaunchCounter(CudaHost.memory());
    driver = counter.driver();
  }

  @AfterAll
  static void stop() {
    if (driver != null) {
      driver.close();
    }
  }

  /** Attention of one document, or of all of them, as a device does it. */
  private interface Call {
    void on(Device device, AttentionInput input, int[] firstRows, int[] tokens, Matrix context);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lsh(buckets=4, rounds=2, chunk=16)",
        "lsh(rounds=3, chunk=16, after=1)",
        "lsh(buckets=20x20, rounds=1, chunk=16, before=0)",
        "causal(lsh(buckets=8, rounds=2, chunk=16))",
        "lsh(buckets=8, rounds=2, chunk=16, hashed=separate)"
      })
  void hashedDocumentsAreComputedAsIfAlone(String pattern) {
    Call lsh = lsh(pattern);
    requireAlikeAlone(lsh, CudaDevice.Precision.FLOAT32, 1e-4);
    requireAlikeAlone(lsh, CudaDevice.Precision.BFLOAT16, 2e-2);
  }

  @ParameterizedTest
  @CsvSource({"SOFTMAX, BIDIRECTIONAL", "SOFTMAX, CAUSAL", "RELU, BIDIRECTIONAL", "RELU, CAUSAL"})
  void linearAttentionOfDocumentsIsAsIfAlone(Performer.Kernel kernel, Direction direction) {
    requireAlikeAlone(linear(kernel, direction), CudaDevice.Precision.FLOAT32, 1e-4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"dense", "window(9)", "window(3) + random(2)", "dilated(4, rate=2)", "global(0)"})
  void plannedDocumentsAreComputedAsIfAlone(String pattern) {
    Call planned =
        (device, input, firstRows, tokens, context) -> {
          List<Device.Placed> placed = new ArrayList<>();
          for (int d = 0; d < tokens.length; d++) {
            AttentionPattern parsed = AttentionPattern.parse(pattern);
            placed.add(
                new Device.Placed(
                    firstRows[d], Schedules.of(parsed, 0, HEADS, tokens[d], device.tiles(), null)));
          }
          device.attention(input, placed, context);
        };
    requireAlikeAlone(planned, CudaDevice.Precision.FLOAT32, 1e-4);
    requireAlikeAlone(planned, CudaDevice.Precision.BFLOAT16, 2e-2);
  }

  @Test
  void rotaryPositionsBeginAnewInEachDocument() {
    List<Device.PlacedRows> documents =
        List.of(new Device.PlacedRows(40, 9), new Device.PlacedRows(2, 30));
    for (Device device : List.of(device(CudaDevice.Precision.FLOAT32), new ReferenceDevice())) {
      Matrix together = device.upload(values(50), 50, 3 * WIDTH);
      Matrix apart = device.upload(values(50), 50, 3 * WIDTH);
      Device.Rotation rotation = device.rotation(1e4, HEAD_DIM);
      device.rotate(new View(together, WIDTH), HEADS, rotation, documents);
      for (Device.PlacedRows document : documents) {
        View view = new View(apart, WIDTH);
        device.rotate(view, HEADS, rotation, document.firstRow(), document.tokens());
      }
      assertArrayEquals(device.download(apart, 0, 50), device.download(together, 0, 50));
    }
  }

  private static Device device(CudaDevice.Precision precision) {
    return new CudaDevice(driver, precision);
  }

  @ParameterizedTest
  @EnumSource(RowReduction.class)
  void rowsOfDocumentsBecomeOneEachAtOnce(RowReduction reduction) {
    Device device = device(CudaDevice.Precision.FLOAT32);
    Matrix rows = device.upload(values(4400), 4400, 3 * WIDTH);
    List<Device.PlacedRows> documents =
        List.of(
            new Device.PlacedRows(4300, 100),
            new Device.PlacedRows(1, 4200),
            new Device.PlacedRows(4202, 0),
            new Device.PlacedRows(4202, 1));
    counter.launches();
    counter.reads();
    double[][] together = device.reduce(rows, documents, reduction);
    assertEquals(List.of("reduceRows", "reduceSegments"), counter.launches());
    assertEquals(1, counter.reads());
    for (int d = 0; d < documents.size(); d++) {
      double[] alone = device.reduce(rows, documents.subList(d, d + 1), reduction)[0];
      assertArrayEquals(alone, together[d], "document " + d);
    }
    assertArrayEquals(reduction.start(3 * WIDTH), together[2], "no rows");
  }

  /** Some tokens are padding; the shortest documents have none, as nothing would be left. */
  private static BitSet valid(int tokens) {
    if (tokens % 2 == 1) {
      return null;
    }
    BitSet valid = new BitSet();
    valid.set(0, tokens - 2);
    valid.clear(tokens / 3);
    return valid;
  }

  private static Call lsh(String pattern) {
    Lsh lsh = (Lsh) AttentionPattern.parse(pattern);
    return (device, input, firstRows, tokens, context) -> {
      List<Device.PlacedLsh> placed = new ArrayList<>();
      for (int d = 0; d < tokens.length; d++) {
        LshRotations rotations =
            tokens[d] <= lsh.chunkTokens()
                ? null
                : LshRotations.draw(lsh, 0, HEADS, HEAD_DIM, tokens[d]);
        placed.add(
            new Device.PlacedLsh(
                firstRows[d], new LshDocument(lsh, rotations, tokens[d], valid(tokens[d]))));
      }
      boolean shared = lsh.hashed() == Lsh.Hashed.SHARED;
      View key = shared ? input.query() : input.key();
      AttentionInput own =
          new AttentionInput(input.query(), key, input.value(), HEADS, HEAD_DIM, 0.2f);
      device.lshAttention(own, placed, context);
    };
  }

  private static Call linear(Performer.Kernel kernel, Direction direction) {
    FeatureMap map = FeatureMap.draw(new Performer(70, kernel, direction, 5), 0, HEAD_DIM);
    return (device, input, firstRows, tokens, context) ->
        device.linearAttention(input, placed(firstRows, tokens), map, context);
  }

  private static List<Device.PlacedRows> placed(int[] firstRows, int[] tokens) {
    return IntStream.range(0, tokens.length)
        .mapToObj(d -> new Device.PlacedRows(firstRows[d], tokens[d]))
        .toList();
  }

  private static void requireAlikeAlone(Call call, CudaDevice.Precision precision, double allowed) {
    Device device = device(precision);
    int[] firstRows = new int[TOKENS.length];
    int rows = GAP;
    // From the back, so that a document's number says nothing of its place.
    for (int d = TOKENS.length - 1; d >= 0; d--) {
      firstRows[d] = rows;
      rows += TOKENS[d] + (d % 2 == 0 ? GAP : 0);
    }
    float[] batch = run(call, device, firstRows, TOKENS, rows + GAP);
    for (int d = 0; d < TOKENS.length; d++) {
      int[] tokens = {TOKENS[d]};
      int size = TOKENS[d] * WIDTH;
      float[] found = Arrays.copyOfRange(batch, firstRows[d] * WIDTH, firstRows[d] * WIDTH + size);
      float[] alone = run(call, device, new int[1], tokens, TOKENS[d]);
      String what = precision + ", document " + d + " of " + TOKENS[d] + " tokens";
      assertArrayEquals(alone, found, what + ", alone");
      float[] expected = run(call, new ReferenceDevice(), new int[1], tokens, TOKENS[d]);
      for (int i = 0; i < size; i++) {
        assertEquals(expected[i], found[i], allowed, what + ", value " + i);
      }
      Arrays.fill(batch, firstRows[d] * WIDTH, firstRows[d] * WIDTH + size, UNTOUCHED);
    }
    for (float value : batch) {
      assertEquals(UNTOUCHED, value, "a row between the documents");
    }
  }

  /** The context, in all of whose other rows there was something before. */
  private static float[] run(Call call, Device device, int[] firstRows, int[] tokens, int rows) {
    float[] values = new float[rows * 3 * WIDTH];
    Arrays.fill(values, Float.NaN);
    for (int d = 0; d < tokens.length; d++) {
      float[] own = values(tokens[d]);
      System.arraycopy(own, 0, values, firstRows[d] * 3 * WIDTH, own.length);
    }
    Matrix qkv = device.upload(values, rows, 3 * WIDTH);
    float[] before = new float[rows * WIDTH];
    Arrays.fill(before, UNTOUCHED);
    Matrix context = device.allocateOperand(rows, WIDTH);
    int[] all = IntStream.range(0, rows).toArray();
    device.copyRows(device.upload(before, rows, WIDTH), all, context, all);
    AttentionInput input =
        new AttentionInput(
            new View(qkv, 0),
            new View(qkv, WIDTH),
            new View(qkv, 2 * WIDTH),
            HEADS,
            HEAD_DIM,
            0.2f);
    call.on(device, input, firstRows, tokens, context);
    return device.download(context, 0, rows);
  }

  /** Rows of a document, of values that bf16 holds, so that all devices hash the same. */
  private static float[] values(int tokens) {
    Random random = new Random(tokens);
    float[] values = new float[tokens * 3 * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.round(random.nextGaussian() * 32) / 32f;
    }
    return values;
  }

  /** Slabs of segments one after the other, beside a document that ends in the first. */
  @ParameterizedTest
  @EnumSource(Direction.class)
  void aDocumentOfManySegmentsGoesOnWhereItsSlabEnded(Direction direction) {
    Performer performer = new Performer(9, Performer.Kernel.SOFTMAX, direction, 5);
    FeatureMap map = FeatureMap.draw(performer, 0, HEAD_DIM);
    int[] tokens = {4300, 70};
    int[] firstRows = {70, 0};
    Device device = device(CudaDevice.Precision.FLOAT32);
    Call slabs =
        (on, input, first, count, context) ->
            new CudaLinearAttention(driver, new Memory.Pool(driver))
                .launch(
                    input,
                    List.of(new KeySegments(70, 4300, 64), new KeySegments(0, 70, 64)),
                    map,
                    CudaMatrix.of(context));
    Call reference =
        (on, input, first, count, context) ->
            on.linearAttention(input, placed(first, count), map, context);
    float[] found = run(slabs, device, firstRows, tokens, 4370);
    float[] expected = run(reference, new ReferenceDevice(), firstRows, tokens, 4370);
    assertArrayEquals(expected, found, 1e-4f);
  }

  @Test
  void documentsShareTheirLaunchesAndNothingIsCopiedToTheHost() {
    requireSameLaunches(lsh("lsh(rounds=2, chunk=16)"), 7);
    requireSameLaunches(lsh("lsh(buckets=8, rounds=2, chunk=16, hashed=separate)"), 10);
    requireSameLaunches(linear(Performer.Kernel.SOFTMAX, Direction.BIDIRECTIONAL), 5);
    requireSameLaunches(linear(Performer.Kernel.SOFTMAX, Direction.CAUSAL), 5);
  }

  private static void requireSameLaunches(Call call, int most) {
    List<String> few = launches(call, 2);
    List<String> many = launches(call, 64);
    assertEquals(few, many);
    assertTrue(few.size() <= most, few::toString);
  }

  private static List<String> launches(Call call, int documents) {
    int[] tokens = new int[documents];
    int[] firstRows = new int[documents];
    int rows = 0;
    for (int d = 0; d < documents; d++) {
      firstRows[d] = rows;
      tokens[d] = 17 + d % 3;
      rows += tokens[d];
    }
    List<String> launches = new ArrayList<>();
    Call counted =
        (device, input, first, count, context) -> {
          counter.launches();
          counter.reads();
          call.on(device, input, first, count, context);
          launches.addAll(counter.launches());
          assertEquals(0, counter.reads(), "copies to the host");
        };
    Device device = device(CudaDevice.Precision.FLOAT32);
    run(counted, device, firstRows, tokens, rows);
    return launches;
  }
}
