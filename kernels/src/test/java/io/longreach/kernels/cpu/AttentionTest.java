package io.longreach.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.Schedules;
import io.longreach.kernels.plan.TileShape;
import io.longreach.kernels.reference.ReferenceDevice;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionTest {
  private static final int[] TOKENS = {1, 7, 63, 64, 65, 255, 256, 257};

  @ParameterizedTest
  @ValueSource(ints = {8, 32, 64, 80, 128})
  void equalsTheReferenceAtAwkwardSizes(int headDim) {
    for (int tokens : TOKENS) {
      for (String pattern : List.of("dense", "window(3)", "window(64)")) {
        assertAsGood(new Document(tokens, 2, headDim, tokens), pattern);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"64, dense", "80, window(64)", "64, window(256)"})
  void equalsTheReferenceAtAThousandTokens(int headDim, String pattern) {
    assertAsGood(new Document(1000, 1, headDim, 5), pattern);
  }

  private static void assertAsGood(Document document, String pattern) {
    Result expected = document.run(new ReferenceDevice(), pattern);
    float[] naive = document.naive(pattern);
    for (Instructions instructions : Instructions.values()) {
      Result found = document.run(CpuDevice.create(1, instructions), pattern);
      String what = instructions + " " + document + " " + pattern;
      Naive.assertAsGood(expected.context, naive, found.context, what);
      for (int i = 0; i < found.logSumExp.length; i++) {
        assertEquals(expected.logSumExp[i], found.logSumExp[i], 1e-5, what + " logSumExp");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void tilesOfAnyShapeGiveTheSame(Instructions instructions) {
    Document document = new Document(131, 2, 24, 5);
    Result expected = document.run(new ReferenceDevice(), "window(20)");
    for (TileShape tiles :
        List.of(new TileShape(1, 1), new TileShape(7, 5), new TileShape(65, 300))) {
      Device device = CpuDevice.create(1, instructions);
      Result found = document.run(device, "window(20)", tiles, 0);
      assertClose(expected.context, found.context, 1e-5, instructions + " " + tiles);
    }
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void theBitsDependOnNothingButTheDocument(Instructions instructions) {
    Document document = new Document(300, 3, 40, 5);
    for (String pattern : List.of("dense", "window(17)")) {
      Result expected = document.run(CpuDevice.create(1, instructions), pattern);
      for (int threads : new int[] {2, 3, 5}) {
        try (Device device = CpuDevice.create(threads, instructions)) {
          assertSame(expected, document.run(device, pattern), threads + " threads");
        }
      }
      for (int firstRow : new int[] {1, 3, 64, 131}) {
        Device device = CpuDevice.create(1, instructions);
        TileShape tiles = device.tiles();
        assertSame(
            expected, document.run(device, pattern, tiles, firstRow), "from row " + firstRow);
      }
    }
  }

  @Test
  void callersOfOneDeviceDoNotDisturbEachOther() throws Exception {
    Document document = new Document(500, 4, 32, 5);
    Result expected = document.run(CpuDevice.create(1), "window(30)");
    ExecutorService callers = Executors.newFixedThreadPool(4);
    try (Device device = CpuDevice.create(3)) {
      Callable<Result> call = () -> document.run(device, "window(30)");
      for (Future<Result> found : callers.invokeAll(List.of(call, call, call, call, call, call))) {
        assertSame(expected, found.get(), "with others");
      }
    } finally {
      callers.shutdown();
    }
  }

  /** A vector added to every key adds to all scores of a query alike: the softmax stays. */
  @ParameterizedTest
  @EnumSource(Instructions.class)
  void aShiftOfTheScoresChangesNothing(Instructions instructions) {
    Document document = new Document(257, 1, 32, 5);
    Result expected = document.run(CpuDevice.create(1, instructions), "window(40)");
    for (float shift : new float[] {1, -10, 50}) {
      Document shifted = document.withKeysPlus(shift);
      Result found = shifted.run(CpuDevice.create(1, instructions), "window(40)");
      assertClose(expected.context, found.context, 2e-5 * Math.abs(shift), "shift " + shift);
    }
  }

  /** Scores of thousands: plain exponentials would overflow, or all be zero. */
  @ParameterizedTest
  @EnumSource(Instructions.class)
  void hugeScoresPickTheLargest(Instructions instructions) {
    int tokens = 100;
    Document document = new Document(tokens, 1, 8, 5);
    for (int token = 0; token < tokens; token++) {
      for (int d = 0; d < 8; d++) {
        document.set(0, token, d, d == 0 ? 1000 : 0);
        // Key 61 is ahead by so much that no other has a weight left.
        document.set(1, token, d, d == 0 ? token == 61 ? 50 : -token : 0);
      }
    }
    Result found = document.run(CpuDevice.create(1, instructions), "dense");
    for (int token = 0; token < tokens; token++) {
      for (int d = 0; d < 8; d++) {
        assertEquals(document.value(61, d), found.context[token * 8 + d], "token " + token);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void outputsStayWithinTheirValues(Instructions instructions) {
    int headDim = 16;
    int window = 9;
    Document document = new Document(255, 1, headDim, 7);
    float[] found = document.run(CpuDevice.create(1, instructions), "window(9)").context;
    for (int token = 0; token < 255; token++) {
      for (int d = 0; d < headDim; d++) {
        float least = Float.MAX_VALUE;
        float most = -Float.MAX_VALUE;
        for (int key = Math.max(0, token - window); key <= Math.min(254, token + window); key++) {
          least = Math.min(least, document.value(key, d));
          most = Math.max(most, document.value(key, d));
        }
        float x = found[token * headDim + d];
        assertTrue(x >= least - 1e-6 && x <= most + 1e-6, x + " not in " + least + " to " + most);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void equalValuesComeOutAsTheyAre(Instructions instructions) {
    Document document = new Document(65, 1, 16, 7);
    for (int token = 0; token < 65; token++) {
      for (int d = 0; d < 16; d++) {
        document.set(2, token, d, d - 3.3f);
      }
    }
    float[] found = document.run(CpuDevice.create(1, instructions), "window(9)").context;
    for (int i = 0; i < found.length; i++) {
      assertEquals(i % 16 - 3.3f, found[i], 1e-5, "element " + i);
    }
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void aWindowAsWideAsTheDocumentIsDense(Instructions instructions) {
    Document document = new Document(200, 2, 32, 7);
    Result dense = document.run(CpuDevice.create(1, instructions), "dense");
    Result window = document.run(CpuDevice.create(1, instructions), "window(199)");
    assertClose(dense.context, window.context, 1e-6, "window(199) of 200 tokens");
    assertClose(dense.logSumExp, window.logSumExp, 1e-5, "logSumExp");
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void paddingSeesNothingAndIsSeenByNobody(Instructions instructions) {
    int tokens = 150;
    Document document = new Document(tokens, 1, 16, 7);
    BitSet valid = new BitSet();
    valid.set(0, 3);
    valid.set(50, 100);
    Device device = CpuDevice.create(1, instructions);
    AttentionPattern pattern = AttentionPattern.parse("window(20)");
    Result found =
        document.run(device, Schedules.of(pattern, 0, 1, tokens, device.tiles(), valid), 0);
    for (int token = 0; token < tokens; token++) {
      boolean zero = true;
      for (int d = 0; d < 16; d++) {
        zero &= found.context[token * 16 + d] == 0;
      }
      assertEquals(!valid.get(token), zero, "token " + token);
      assertEquals(
          !valid.get(token),
          found.logSumExp[token] == Float.NEGATIVE_INFINITY,
          "logSumExp of token " + token);
    }
    for (int d = 0; d < 16; d++) {
      for (int token = 3; token < 50; token++) {
        document.set(1, token, d, 1e4f);
        document.set(2, token, d, 1e4f);
      }
    }
    Result again =
        document.run(device, Schedules.of(pattern, 0, 1, tokens, device.tiles(), valid), 0);
    assertSame(found, again, "whatever the padding holds");
  }

  /** As the kernel documents: who sees it gets it, and at most their neighbours in the tile. */
  @ParameterizedTest
  @EnumSource(Instructions.class)
  void aNaNReachesWhoSeesItAndNobodyFar(Instructions instructions) {
    Document document = new Document(1000, 1, 16, 7);
    Device device = CpuDevice.create(1, instructions);
    float[] clean = document.run(device, "window(5)").context;
    for (int part = 1; part < 3; part++) {
      Document broken = new Document(1000, 1, 16, 7);
      broken.set(part, 500, 3, Float.NaN);
      float[] found = broken.run(device, "window(5)").context;
      for (int token = 0; token < 1000; token++) {
        boolean nan = Float.isNaN(found[token * 16 + 3]);
        if (Math.abs(token - 500) <= 5) {
          assertTrue(nan, "token " + token + " sees the NaN");
        } else if (Math.abs(token - 500) > 5 + 2 * device.tiles().queryTile()) {
          assertArrayEquals(
              Arrays.copyOfRange(clean, token * 16, token * 16 + 16),
              Arrays.copyOfRange(found, token * 16, token * 16 + 16),
              "token " + token + " is far from the NaN");
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Instructions.class)
  void aNaNInAQueryStaysInItsRow(Instructions instructions) {
    Document document = new Document(200, 1, 16, 7);
    Device device = CpuDevice.create(1, instructions);
    float[] clean = document.run(device, "window(5)").context;
    document.set(0, 100, 3, Float.NaN);
    float[] found = document.run(device, "window(5)").context;
    for (int i = 0; i < found.length; i++) {
      if (i / 16 == 100) {
        assertTrue(Float.isNaN(found[i]), "column " + i % 16);
      } else {
        assertEquals(clean[i], found[i], "token " + i / 16);
      }
    }
  }

  @Test
  void viewsOutsideTheirMatrixAreNamed() {
    Device device = CpuDevice.create(1);
    Matrix narrow = device.allocate(10, 16);
    AttentionInput input =
        new AttentionInput(
            new View(narrow, 0), new View(narrow, 8), new View(narrow, 0), 2, 8, 0.3f);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    device.attention(
                        input,
                        0,
                        Schedules.of(AttentionPattern.parse("dense"), 10, device.tiles()),
                        device.allocate(10, 16),
                        null))
            .getMessage();
    assertEquals("key needs 10 rows and columns 8 to 24, its matrix is 10 x 16", message);
  }

  private record Result(float[] context, float[] logSumExp) {}

  private static void assertSame(Result expected, Result found, String what) {
    assertArrayEquals(expected.context, found.context, what);
    assertArrayEquals(expected.logSumExp, found.logSumExp, what + ": logSumExp");
  }

  private static void assertClose(float[] expected, float[] found, double allowed, String what) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[i], allowed, what);
    }
  }

  /** Queries, keys and values of one document, side by side in one matrix as encoders have them. */
  private static final class Document {
    private final int tokens;
    private final int heads;
    private final int headDim;
    private final float[] qkv;

    Document(int tokens, int heads, int headDim, int seed) {
      this(tokens, heads, headDim, Naive.gaussian(tokens * 3 * heads * headDim, seed));
    }

    private Document(int tokens, int heads, int headDim, float[] qkv) {
      this.tokens = tokens;
      this.heads = heads;
      this.headDim = headDim;
      this.qkv = qkv;
    }

    private int columns() {
      return 3 * heads * headDim;
    }

    /**
     * @param part 0 for queries, 1 for keys, 2 for values
     */
    void set(int part, int token, int column, float value) {
      qkv[token * columns() + part * heads * headDim + column] = value;
    }

    float value(int token, int column) {
      return qkv[token * columns() + 2 * heads * headDim + column];
    }

    Document withKeysPlus(float shift) {
      Document copy = new Document(tokens, heads, headDim, qkv.clone());
      for (int token = 0; token < tokens; token++) {
        for (int i = 0; i < heads * headDim; i++) {
          copy.qkv[token * columns() + heads * headDim + i] += shift;
        }
      }
      return copy;
    }

    Result run(Device device, String pattern) {
      return run(device, pattern, device.tiles(), 0);
    }

    Result run(Device device, String pattern, TileShape tiles, int firstRow) {
      return run(device, Schedules.of(AttentionPattern.parse(pattern), tokens, tiles), firstRow);
    }

    /** Rows around the document hold NaN. */
    Result run(Device device, AttentionSchedule schedule, int firstRow) {
      int rows = firstRow + tokens + (firstRow > 0 ? 70 : 0);
      float[] all = new float[rows * columns()];
      Arrays.fill(all, Float.NaN);
      System.arraycopy(qkv, 0, all, firstRow * columns(), qkv.length);
      Matrix matrix = device.upload(all, rows, columns());
      AttentionInput input =
          new AttentionInput(
              new View(matrix, 0),
              new View(matrix, heads * headDim),
              new View(matrix, 2 * heads * headDim),
              heads,
              headDim,
              scale());
      Matrix context = device.allocate(rows, heads * headDim);
      float[] logSumExp = new float[tokens * heads];
      device.attention(input, firstRow, schedule, context, logSumExp);
      return new Result(device.download(context, firstRow, firstRow + tokens), logSumExp);
    }

    private float scale() {
      return (float) (1 / Math.sqrt(headDim));
    }

    float[] naive(String pattern) {
      PositionalPattern positional = (PositionalPattern) AttentionPattern.parse(pattern);
      float[] context = new float[tokens * heads * headDim];
      for (int head = 0; head < heads; head++) {
        float[] one =
            Naive.attention(
                part(0, head), part(1, head), part(2, head), headDim, scale(), positional);
        for (int token = 0; token < tokens; token++) {
          System.arraycopy(
              one, token * headDim, context, (token * heads + head) * headDim, headDim);
        }
      }
      return context;
    }

    private float[] part(int part, int head) {
      float[] rows = new float[tokens * headDim];
      for (int token = 0; token < tokens; token++) {
        int from = token * columns() + (part * heads + head) * headDim;
        System.arraycopy(qkv, from, rows, token * headDim, headDim);
      }
      return rows;
    }

    @Override
    public String toString() {
      return tokens + " tokens, " + heads + " x " + headDim;
    }
  }
}
