package io.longreach.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.device.RowReduction;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshRotations;
import io.longreach.kernels.plan.Schedules;
import io.longreach.kernels.plan.TileShape;
import io.longreach.kernels.reference.ReferenceDevice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The CUDA sources on the host, with AddressSanitizer, against the reference. */
class CudaDeviceTest {
  private static final double FLOAT = 1e-4;
  private static final double BFLOAT = 2e-2;

  static CudaDriver driver;
  static Device cuda;
  static Device tensorCores;
  private static final Device REFERENCE = new ReferenceDevice();

  @BeforeAll
  static void start() {
    driver = CudaHost.memory();
    cuda = new CudaDevice(driver, CudaDevice.Precision.FLOAT32);
    tensorCores = new CudaDevice(driver, CudaDevice.Precision.BFLOAT16);
  }

  @AfterAll
  static void stop() {
    if (cuda != null) {
      cuda.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense",
        "window(3)",
        "window(40)",
        "window(left=9, right=0)",
        "dilated(5, rate=3)",
        "window(5) + global(0, 7)",
        "window(5) + random(3)",
        "bigbird(block=8, window=3, random=1, global=1)"
      })
  void attentionEqualsTheReference(String pattern) {
    for (int tokens : new int[] {1, 33, 100}) {
      if (tokens < (pattern.contains("bigbird") ? 65 : pattern.contains("global") ? 8 : 1)) {
        continue;
      }
      for (int headDim : new int[] {8, 80}) {
        Function<Device, float[]> run =
            device -> attention(device, pattern, tokens, headDim, device.tiles(), 0);
        String what = pattern + ", " + tokens + " tokens, headDim " + headDim;
        assertClose(run, cuda, FLOAT, what);
        run = device -> attention(device, pattern, tokens, headDim, tensorCores.tiles(), 0);
        assertClose(run, tensorCores, BFLOAT, "bf16 " + what);
      }
    }
  }

  @Test
  void tilesOfAnyShapeAndDocumentsAnywhereGiveTheSame() {
    for (TileShape tiles : List.of(new TileShape(7, 5), new TileShape(65, 300))) {
      Function<Device, float[]> run = device -> attention(device, "window(20)", 90, 24, tiles, 0);
      assertClose(run, cuda, FLOAT, "" + tiles);
      assertClose(run, tensorCores, BFLOAT, "bf16 " + tiles);
    }
    for (int headDim : new int[] {20, 40}) {
      Function<Device, float[]> run =
          device -> attention(device, "window(20)", 50, headDim, cuda.tiles(), 33);
      assertClose(run, cuda, FLOAT, "from row 33");
      assertClose(run, tensorCores, BFLOAT, "bf16 from row 33");
    }
  }

  /** Context and logSumExp of a document that lies among rows of NaN. */
  private static float[] attention(
      Device device, String pattern, int tokens, int headDim, TileShape tiles, int firstRow) {
    int heads = 2;
    int width = heads * headDim;
    float[] all = new float[(firstRow + tokens) * 3 * width];
    Arrays.fill(all, Float.NaN);
    float[] own = gaussian(tokens * 3 * width, tokens);
    System.arraycopy(own, 0, all, firstRow * 3 * width, own.length);
    Matrix qkv = device.upload(all, firstRow + tokens, 3 * width);
    AttentionInput input =
        new AttentionInput(
            new AttentionInput.View(qkv, 0),
            new AttentionInput.View(qkv, width),
            new AttentionInput.View(qkv, 2 * width),
            heads,
            headDim,
            (float) (1 / Math.sqrt(headDim)));
    float[] logSumExp = new float[tokens * heads];
    Matrix context = device.allocate(firstRow + tokens, width);
    device.attention(
        input,
        firstRow,
        Schedules.of(AttentionPattern.parse(pattern), 0, heads, tokens, tiles, null),
        context,
        logSumExp);
    return concatenated(device.download(context, firstRow, firstRow + tokens), logSumExp);
  }

  /**
   * More buckets than the sort takes in one pass, chunks that tiles cut, padding, lonely tokens.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "lsh(buckets=4, rounds=2, chunk=16)",
        "lsh(buckets=20x20, rounds=1, chunk=50, before=0)",
        "lsh(buckets=2, rounds=3, chunk=40, after=1, hashed=separate)",
        "causal(lsh(buckets=8, rounds=2, chunk=7))",
        "causal(lsh(buckets=6, rounds=2, chunk=70, hashed=separate))"
      })
  void lshEqualsTheReference(String pattern) {
    Lsh lsh = (Lsh) AttentionPattern.parse(pattern);
    BitSet valid = new BitSet();
    valid.set(0, 149);
    valid.clear(3);
    LshRotations rotations = LshRotations.draw(lsh, 0, 2, 72, 150);
    Function<Device, float[]> run =
        device -> {
          Matrix queries = device.upload(gaussian(152 * 144, 1), 152, 144);
          Matrix keys =
              lsh.hashed() == Lsh.Hashed.SHARED
                  ? device.lshKeys(lsh.variant(), queries, 72)
                  : device.upload(gaussian(152 * 144, 2), 152, 144);
          Matrix values = device.upload(gaussian(152 * 144, 3), 152, 144);
          Matrix context = device.allocate(152, 144);
          AttentionInput input =
              new AttentionInput(
                  new AttentionInput.View(queries, 0),
                  new AttentionInput.View(keys, 0),
                  new AttentionInput.View(values, 0),
                  2,
                  72,
                  0.1f);
          LshDocument document = new LshDocument(lsh, rotations, 150, valid);
          device.lshAttention(input, List.of(new Device.PlacedLsh(1, document)), context);
          return device.download(context, 0, 152);
        };
    assertClose(run, cuda, FLOAT, pattern);
    assertClose(run, tensorCores, BFLOAT, "bf16 " + pattern);
  }

  /** Patterns of one pass and of several, in heads alike and apart, in one launch. */
  @Test
  void documentsOfOneBatchGiveTheSameAsAlone() {
    List<String> patterns = List.of("window(9)", "window(3) + random(2)", "dilated(4, rate=2)");
    int[] tokens = {40, 130, 33};
    int[] firstRows = {130, 0, 170};
    Function<Device, float[]> batch =
        device -> {
          Matrix context = device.allocateOperand(203, 48);
          List<Device.Placed> documents = new ArrayList<>();
          for (int d = 0; d < tokens.length; d++) {
            AttentionSchedule schedule =
                Schedules.of(
                    AttentionPattern.parse(patterns.get(d)), 0, 2, tokens[d], cuda.tiles(), null);
            documents.add(new Device.Placed(firstRows[d], schedule));
          }
          Matrix qkv = device.upload(gaussian(203 * 144, 3), 203, 144);
          Matrix operand = device.allocateOperand(203, 144);
          int[] rows = IntStream.range(0, 203).toArray();
          device.copyRows(qkv, rows, operand, rows);
          AttentionInput input =
              new AttentionInput(
                  new AttentionInput.View(operand, 0),
                  new AttentionInput.View(operand, 48),
                  new AttentionInput.View(operand, 96),
                  2,
                  24,
                  0.2f);
          device.attention(input, documents, context);
          return device.download(context, 0, 203);
        };
    assertClose(batch, cuda, FLOAT, "batch");
    assertClose(batch, tensorCores, BFLOAT, "bf16 batch");
  }

  @ParameterizedTest
  @CsvSource({
    "SOFTMAX, BIDIRECTIONAL, 24, 100",
    "SOFTMAX, CAUSAL, 24, 70",
    "RELU, BIDIRECTIONAL, 80, 30",
    "RELU, CAUSAL, 80, 130"
  })
  void linearAttentionEqualsTheReference(
      Performer.Kernel kernel, Direction direction, int headDim, int features) {
    for (int tokens : new int[] {1, 65, 150}) {
      assertClose(
          device -> {
            int width = 2 * headDim;
            float[] rows = gaussian((tokens + 3) * 3 * width, tokens);
            Matrix qkv = device.upload(rows, tokens + 3, 3 * width);
            Matrix context = device.allocate(tokens + 3, width);
            device.linearAttention(
                new AttentionInput(
                    new AttentionInput.View(qkv, 0),
                    new AttentionInput.View(qkv, width),
                    new AttentionInput.View(qkv, 2 * width),
                    2,
                    headDim,
                    1),
                List.of(new Device.PlacedRows(2, tokens)),
                FeatureMap.draw(new Performer(features, kernel, direction, 5), 0, headDim),
                context);
            return device.download(context, 0, tokens + 3);
          },
          cuda,
          FLOAT,
          tokens + " tokens");
    }
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void linearEqualsTheReference(Activation activation) {
    // On the host the last one has blocks enough for tiles of 128 rows.
    for (int[] shape : new int[][] {{1, 1, 1}, {65, 37, 70}, {130, 40, 150}}) {
      Function<Device, float[]> run =
          device -> {
            int rows = shape[0];
            Matrix in = device.upload(gaussian(rows * shape[1], 1), rows, shape[1]);
            float[] weight = scaled(gaussian(shape[1] * shape[2], 2), shape[1]);
            Matrix out = device.allocate(rows, shape[2]);
            float[] bias = gaussian(shape[2], 3);
            device.linear(in, device.linear(weight, bias, shape[1], shape[2]), activation, out);
            return device.download(out, 0, rows);
          };
      String what = activation + " of " + Arrays.toString(shape);
      assertClose(run, cuda, FLOAT, what);
      assertClose(run, tensorCores, BFLOAT, "bf16 " + what);
    }
  }

  /** The twin of the tensor cores reads their matrices and packs layers of its own. */
  @Test
  void theFloat32TwinMultipliesInFloat32() {
    assertSame(cuda, cuda.inFloat32());
    assertClose(
        device -> {
          Matrix in = device.upload(gaussian(65 * 37, 1), 65, 37);
          Device exact = device.inFloat32();
          Device.Linear layer = exact.linear(scaled(gaussian(37 * 70, 2), 37), null, 37, 70);
          Matrix out = exact.allocateOperand(65, 70);
          exact.linear(in, layer, Activation.NONE, out);
          return device.download(out, 0, 65);
        },
        tensorCores,
        FLOAT,
        "float32 twin");
  }

  @Test
  void feedForwardWithAGateEqualsTheReference() {
    assertClose(
        device -> {
          Matrix in = device.upload(gaussian(33 * 20, 1), 33, 20);
          Device.Linear up = device.linear(scaled(gaussian(20 * 50, 2), 20), null, 20, 50);
          Device.Linear gate = device.linear(scaled(gaussian(20 * 50, 3), 20), null, 20, 50);
          Device.Linear down = device.linear(scaled(gaussian(50 * 20, 4), 50), null, 50, 20);
          device.feedForward(in, new Device.FeedForward(up, gate, Activation.GELU, down), in);
          return device.download(in, 0, 33);
        },
        cuda,
        FLOAT,
        "feedForward in place");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 127, 300, 1025})
  void normsEqualTheReference(int columns) {
    assertClose(
        device -> {
          Matrix in = device.upload(gaussian(5 * columns, 1), 5, columns);
          Matrix residual = device.upload(gaussian(5 * columns, 2), 5, columns);
          device.add(residual, in);
          Device.Norm norm = device.norm(gaussian(columns, 3), gaussian(columns, 4), 1e-5f);
          device.addNorm(in, residual, norm, residual);
          device.addNorm(in, null, device.norm(gaussian(columns, 5), null, 1e-5f), in);
          return concatenated(device.download(in, 0, 5), device.download(residual, 1, 5));
        },
        cuda,
        FLOAT,
        columns + " columns");
  }

  @ParameterizedTest
  @EnumSource(RowReduction.class)
  void rowsBecomeOne(RowReduction reduction) {
    for (int rows : new int[] {1, 63, 4200}) {
      float[] values = gaussian(rows * 3, rows);
      double[] expected = reduction.start(3);
      reduction.add(Arrays.copyOfRange(values, 3 * (rows / 2), values.length), 0, expected);
      double[] found = reduce(cuda.upload(values, rows, 3), rows / 2, rows, reduction);
      assertArrayEquals(expected, found, 1e-6 * rows, reduction + " of " + rows);
    }
    Matrix nan = cuda.upload(new float[] {1, Float.NaN, 2}, 3, 1);
    assertEquals(Double.NaN, reduce(nan, 0, 3, reduction)[0]);
  }

  private static double[] reduce(Matrix matrix, int firstRow, int lastRow, RowReduction reduction) {
    Device.PlacedRows rows = new Device.PlacedRows(firstRow, lastRow - firstRow);
    return cuda.reduce(matrix, List.of(rows), reduction)[0];
  }

  @Test
  void rowsAreLookedUpCopiedJoinedAndTurned() {
    assertClose(
        device -> {
          Device.Table words = device.table(gaussian(30 * 12, 1), 30, 12);
          Device.Table places = device.table(gaussian(4 * 12, 2), 4, 12);
          Matrix out = device.allocate(3, 12);
          int[][] indices = {{29, 0, 7}, {0, 3, 1}};
          device.embed(new Device.Table[] {words, places}, indices, out);
          device.rotate(new AttentionInput.View(out, 4), 2, device.rotation(1e4, 4), 1, 2, 70000);
          Matrix copies = device.allocate(5, 12);
          device.copyRows(out, new int[] {2, 0}, copies, new int[] {0, 4});
          Matrix more = device.upload(gaussian(15, 3), 5, 3);
          return device.download(device.join(copies, more), 0, 5);
        },
        cuda,
        FLOAT,
        "rows");
  }

  /** The point of the stand-in: a kernel that reaches beyond its memory is caught. */
  @Test
  void anIndexOutOfRangeIsFound() {
    HostDriver own = CudaHost.memory();
    try {
      Memory tooSmall = new Memory.Pool(own).of(new float[100]);
      Parameters parameters =
          new Parameters()
              .values(new CudaMatrix(tooSmall, 1, 100, CudaMatrix.Element.FLOAT32), 0)
              .values(null, 0)
              .number(101)
              .real(1);
      String message =
          assertThrows(CudaException.class, () -> parameters.launch(own, "fillElements", 1, 1, 256))
              .getMessage();
      assertTrue(message.contains("heap-buffer-overflow"), message);
    } finally {
      own.close();
    }
  }

  @Test
  void parametersThatDoNotFitTheKernelAreRefused() {
    HostDriver own = CudaHost.memory();
    try {
      String message =
          assertThrows(
                  CudaException.class,
                  () -> own.launch("rotate", 1, 1, 32, 0, ByteBuffer.allocate(8)))
              .getMessage();
      assertTrue(message.contains("parameters must have 48 bytes, had 8"), message);
    } finally {
      own.close();
    }
  }

  private static void assertClose(
      Function<Device, float[]> run, Device device, double allowed, String what) {
    float[] expected = run.apply(REFERENCE);
    float[] found = run.apply(device);
    assertEquals(expected.length, found.length, what);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[i], allowed, what + ", value " + i);
    }
  }

  private static float[] concatenated(float[] left, float[] right) {
    float[] all = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, all, left.length, right.length);
    return all;
  }

  private static float[] scaled(float[] weight, int inputs) {
    for (int i = 0; i < weight.length; i++) {
      weight[i] /= (float) Math.sqrt(inputs);
    }
    return weight;
  }

  private static float[] gaussian(int size, int seed) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
