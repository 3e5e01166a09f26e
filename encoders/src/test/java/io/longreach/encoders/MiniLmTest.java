package io.longreach.encoders;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.bench.OnnxRuntimeModel;
import io.longreach.encoders.family.EncoderModel;
import io.longreach.encoders.family.Family;
import io.longreach.encoders.family.Reading;
import io.longreach.encoders.text.TokenizerFiles;
import io.longreach.encoders.transformer.Document;
import io.longreach.encoders.transformer.PackedDocuments;
import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.reference.ReferenceDevice;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MiniLmTest {
  private static Embedder embedder;
  private static OnnxRuntimeModel onnxRuntime;
  private static ModelSource source;

  @BeforeAll
  static void open() {
    embedder = Embedder.open(EmbedderOptions.defaults());
    onnxRuntime = new OnnxRuntimeModel(1);
    source = ModelSource.open("minilm");
  }

  @AfterAll
  static void close() {
    embedder.close();
    onnxRuntime.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 48, 97, 128, 255, 511, 512})
  void hiddenStatesEqualOnnxRuntime(int tokens) {
    try (Device device = CpuDevice.create(1)) {
      assertHidden(device, tokens, 1862, 1e-4);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 33, 70})
  void theReferenceEqualsOnnxRuntime(int tokens) {
    assertHidden(new ReferenceDevice(), tokens, 1790, 1e-5);
  }

  private static void assertHidden(Device device, int tokens, int year, double limit) {
    int[] ids = ids(year, tokens);
    EncoderModel model =
        Family.of(source.config())
            .load(source.config(), source.tensors(), device, Reading.published());
    Matrix hidden = model.encoder().encode(new PackedDocuments(List.of(Document.of(ids))));
    float[] found = device.download(hidden, 0, ids.length);
    float[][] expected = onnxRuntime.lastHiddenStates(new int[][] {ids})[0];
    for (int token = 0; token < ids.length; token++) {
      for (int i = 0; i < 384; i++) {
        assertEquals(
            expected[token][i], found[token * 384 + i], limit, "token " + token + " column " + i);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1790, 40", "1862, 300", "1941, 512"})
  void theVectorIsTheNormalisedMean(int year, int tokens) {
    int[] ids = ids(year, tokens);
    double[] mean = new double[384];
    for (float[] row : onnxRuntime.lastHiddenStates(new int[][] {ids})[0]) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += row[i];
      }
    }
    double length = Math.sqrt(Arrays.stream(mean).map(x -> x * x).sum());
    Embedding embedding = embed(embedder, ids);
    for (int i = 0; i < mean.length; i++) {
      assertEquals(mean[i] / length, embedding.vector()[i], 1e-5, "column " + i);
    }
    assertEquals(ids.length, embedding.tokens());
    assertEquals(ids.length, embedding.tokensUsed());
    assertEquals(List.of(), embedding.warnings());
  }

  @Test
  void aVectorDoesNotDependOnWhatSharesItsBatch() {
    List<int[]> documents =
        List.of(ids(1790, 5), ids(1862, 700), ids(1941, 97), ids(1790, 1), ids(1941, 512));
    List<Embedder.Tokens> batch =
        documents.stream().<Embedder.Tokens>map(ids -> () -> ids).toList();
    List<Embedding> together = embedder.embed(batch);
    for (int d = 0; d < documents.size(); d++) {
      assertArrayEquals(
          embed(embedder, documents.get(d)).vector(), together.get(d).vector(), "document " + d);
    }
  }

  @Test
  void threadsDoNotChangeTheBits() {
    int[] ids = ids(1862, 1500);
    try (Embedder two = open("auto", "tile", 0, 2)) {
      assertArrayEquals(embed(embedder, ids).vector(), embed(two, ids).vector());
    }
  }

  @Test
  void aWindowAsWideAsTheDocumentIsDense() {
    int[] ids = ids(1862, 300);
    try (Embedder window = open("window(300)", "tile", 0, 1);
        Embedder narrow = open("window(20)", "tile", 0, 1)) {
      float[] dense = embed(embedder, ids).vector();
      assertArrayEquals(dense, embed(window, ids).vector(), 1e-6f);
      assertTrue(difference(dense, embed(narrow, ids).vector()) > 1e-2, "narrow windows differ");
    }
  }

  @Test
  void longDocumentsUseWindowsAndSaySo() {
    assertEquals("dense", embedder.pattern(512));
    assertEquals("window(256)", embedder.pattern(513));
    Embedding embedding = embed(embedder, ids(1862, 1200));
    assertEquals(
        List.of(
            "1200 tokens are beyond the 512 that the model was made for: read with"
                + " positions=tile and pattern window(256)"),
        embedding.warnings());
    try (Embedder window = open("window(256)", "tile", 0, 1)) {
      assertArrayEquals(embedding.vector(), embed(window, ids(1862, 1200)).vector());
    }
  }

  @Test
  void positionsBeyondTheTable() {
    int[] within = ids(1862, 512);
    int[] beyond = ids(1862, 1024);
    try (Embedder tile = open("window(16)", "tile", 0, 1);
        Embedder stretch = open("window(16)", "stretch", 0, 1);
        Embedder nativePositions = open("window(16)", "native", 0, 1)) {
      assertArrayEquals(embed(tile, within).vector(), embed(stretch, within).vector());
      assertArrayEquals(embed(tile, within).vector(), embed(nativePositions, within).vector());
      assertTrue(
          difference(embed(tile, beyond).vector(), embed(stretch, beyond).vector()) > 1e-3,
          "tile and stretch differ beyond the table");
      IllegalArgumentException error =
          assertThrows(IllegalArgumentException.class, () -> embed(nativePositions, beyond));
      assertEquals(
          "a document must have at most 512 tokens with positions=native, had 1024: use"
              + " positions=tile or maxTokens=512",
          error.getMessage());
    }
  }

  @Test
  void truncationIsAskedForAndCounted() {
    String text = TokenizerFiles.address(1790);
    try (Embedder truncating = open("auto", "tile", 100, 1)) {
      Embedding embedding = truncating.embed(List.of(truncating.tokenize(text))).get(0);
      int all = embedder.tokenize(text).ids().length;
      assertEquals(all, embedding.tokens());
      assertEquals(100, embedding.tokensUsed());
      assertEquals(
          List.of("truncated to 100 of " + all + " tokens, as maxTokens asks"),
          embedding.warnings());
      assertArrayEquals(embed(embedder, ids(1790, 100)).vector(), embedding.vector());
    }
  }

  @Test
  void emptyTexts() {
    for (String text : new String[] {"", "  \n\t", "\u0000"}) {
      IllegalArgumentException error =
          assertThrows(IllegalArgumentException.class, () -> embedder.tokenize(text));
      assertEquals("text is empty", error.getMessage());
    }
    assertEquals(List.of(), embedder.embed(List.of()));
  }

  @Test
  void describesItself() {
    assertEquals(384, embedder.dimensions());
    assertTrue(embedder.model().matches("minilm@[0-9a-f]{8}"), embedder.model());
    assertTrue(embedder.device().startsWith("cpu ("), embedder.device());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unknown | auto | tile   | 0  | auto | 1 | model must be",
        "minilm  | auto | modulo | 0  | auto | 1 | positions must be tile, stretch or native",
        "minilm  | nope | tile   | 0  | auto | 1 | unknown pattern",
        "minilm  | auto | tile   | -1 | auto | 1 | maxTokens must not be negative, was -1",
        "minilm  | auto | tile   | 0  | cuda:99 | 1 | device=cuda:99 cannot be used: there is no ",
        "minilm  | auto | tile   | 0  | tpu  | 1 | device must be auto, cpu or cuda, was 'tpu'",
        "minilm  | auto | tile   | 0  | cpu  | 0 | threads must be at least 1, was 0"
      })
  void badOptionsAreNamed(
      String model,
      String pattern,
      String positions,
      int maxTokens,
      String device,
      int threads,
      String message) {
    EmbedderOptions options =
        new EmbedderOptions(model, pattern, positions, maxTokens, device, threads);
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> Embedder.open(options));
    assertTrue(error.getMessage().startsWith(message), error.getMessage());
  }

  /** The first tokens of an address, special tokens included. */
  private static int[] ids(int year, int tokens) {
    int[] all = embedder.tokenize(TokenizerFiles.address(year)).ids();
    int[] ids = Arrays.copyOf(all, tokens);
    ids[tokens - 1] = 102;
    return ids;
  }

  private static Embedder open(String pattern, String positions, int maxTokens, int threads) {
    return Embedder.open(
        new EmbedderOptions("minilm", pattern, positions, maxTokens, "cpu", threads));
  }

  private static Embedding embed(Embedder embedder, int[] ids) {
    return embedder.embed(List.of(() -> ids)).get(0);
  }

  private static double difference(float[] a, float[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }

  @Test
  void spansOfADocumentCarryItsContext() {
    Embedder.Tokens document = embedder.tokenize(TokenizerFiles.address(1862));
    int tokens = document.ids().length;
    List<float[]> vectors = new java.util.ArrayList<>();
    embedder.encode(
        List.of(document, document),
        (index, states) -> {
          vectors.add(embedder.vector(states, 0, tokens));
          vectors.add(embedder.vector(states, 10, 30));
          vectors.add(states.rows(10, 30));
        });
    assertEquals(6, vectors.size(), "two documents");
    assertArrayEquals(vectors.get(0), embedder.embed(List.of(document)).get(0).vector());
    assertArrayEquals(vectors.get(1), vectors.get(4), "what shares the batch changes nothing");
    double[] mean = new double[384];
    float[] rows = vectors.get(2);
    for (int i = 0; i < rows.length; i++) {
      mean[i % 384] += rows[i];
    }
    double length = Math.sqrt(Arrays.stream(mean).map(x -> x * x).sum());
    for (int i = 0; i < mean.length; i++) {
      assertEquals(mean[i] / length, vectors.get(1)[i], 1e-6, "column " + i);
    }
  }

  @Test
  void aPromptGoesBeforeEveryText() {
    EmbedderOptions prefixed =
        new EmbedderOptions(
            "minilm", "auto", "tile", 0, "cpu", 1, "query: ", VectorOptions.defaults());
    try (Embedder queries = Embedder.open(prefixed)) {
      Embedder.PlacedTokens tokens = queries.tokenizeWithPlaces("how long");
      assertArrayEquals(embedder.tokenize("query: how long").ids(), tokens.ids());
      assertArrayEquals(tokens.ids(), queries.tokenize("how long").ids());
      assertArrayEquals(new int[] {0, 0, 0, 0, 4, 8}, tokens.starts(), "places in the text alone");
      assertArrayEquals(new int[] {0, 0, 0, 3, 8, 8}, tokens.ends());
    }
    EmbedderOptions unknown =
        new EmbedderOptions(
            "minilm", "auto", "tile", 0, "cpu", 1, "qeury", VectorOptions.defaults());
    IllegalArgumentException wrong =
        assertThrows(IllegalArgumentException.class, () -> Embedder.open(unknown));
    assertTrue(wrong.getMessage().startsWith("prompt must be one of"), wrong.getMessage());
  }

  @Test
  void aStreamedDocumentHasTheSameVectors() {
    Embedder.Tokens small = () -> ids(1862, 40);
    Embedder.Tokens large = () -> ids(1862, 3000);
    EmbedderOptions whole = new EmbedderOptions("minilm", "window(32)", "tile", 0, "cpu", 2);
    List<float[]> expected = new java.util.ArrayList<>();
    List<float[]> found = new java.util.ArrayList<>();
    try (Embedder first = Embedder.open(whole);
        Embedder streaming = Embedder.open(whole.withLimitBytes(40 * 24 * 384))) {
      pool(first, List.of(small, large, small), expected);
      pool(streaming, List.of(small, large, small), found);
    }
    assertEquals(3 * 7, found.size(), "three documents in order");
    for (int v = 0; v < found.size(); v++) {
      assertArrayEquals(expected.get(v), found.get(v), "vector " + v);
    }
  }

  /** Spans in order, then the whole in every pooling: a streamed document begins anew. */
  private static void pool(Embedder embedder, List<Embedder.Tokens> batch, List<float[]> vectors) {
    embedder.encode(
        batch,
        (index, states) -> {
          vectors.add(embedder.vector(states, 1, 20));
          vectors.add(embedder.vector(states, 20, states.tokensUsed()));
          for (Pooling pooling : Pooling.values()) {
            if (pooling != Pooling.AUTO) {
              vectors.add(
                  embedder.vector(
                      states,
                      0,
                      states.tokensUsed(),
                      new VectorOptions(pooling, 0, VectorOptions.Scale.UNIT)));
            }
          }
        });
  }
}
