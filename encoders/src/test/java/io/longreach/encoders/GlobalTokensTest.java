package io.longreach.encoders;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.encoders.bench.SmallModel;
import io.longreach.encoders.text.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents that bring their own global tokens, against the same ones asked for all documents. */
class GlobalTokensTest {
  private static final List<String> OWN = List.of("3, 40-43", "none", "0, 7", "auto", "cls");

  @TempDir static Path folder;
  private static String model;
  private static String text;

  @BeforeAll
  static void write() throws IOException {
    model = SmallModel.writeLongformer(folder.resolve("longformer")).toString();
    text = TokenizerFiles.address(1790).substring(0, 1200);
  }

  @Test
  void areThoseOfTheDocumentWhateverSharesItsBatch() {
    try (Embedder embedder = Embedder.open(options(model, "1", Long.MAX_VALUE))) {
      List<Embedder.Tokens> batch = new ArrayList<>();
      OWN.forEach(own -> batch.add(embedder.withGlobalTokens(embedder.tokenize(text), own)));
      batch.add(embedder.withGlobalTokens(embedder.tokenizeWithPlaces(text), "3, 40-43"));
      List<Embedding> together = embedder.embed(batch);
      for (int d = 0; d < OWN.size(); d++) {
        // Of 'auto' the options decide.
        String same = OWN.get(d).equals("auto") ? "1" : OWN.get(d);
        assertArrayEquals(vector(same, Long.MAX_VALUE), together.get(d).vector(), OWN.get(d));
      }
      assertArrayEquals(together.get(0).vector(), together.get(5).vector(), "with places");
      assertFalse(Arrays.equals(together.get(0).vector(), together.get(1).vector()));
    }
  }

  @Test
  void areStreamedAlike() {
    try (Embedder embedder = Embedder.open(options(model, "auto", 0))) {
      Embedder.Tokens own = embedder.withGlobalTokens(embedder.tokenize(text), "3, 40-43");
      assertArrayEquals(vector("3, 40-43", 0), embedder.embed(List.of(own)).get(0).vector());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3, 40-43|window(8) + global(3, 40-43)",
        "none|window(8)",
        "auto|window(8) + global(0)"
      })
  void arePartOfThePattern(String own, String pattern) {
    try (Embedder embedder = Embedder.open(options(model, "auto", Long.MAX_VALUE))) {
      Embedder.Tokens tokens = embedder.withGlobalTokens(embedder.tokenize(text), own);
      embedder.encode(List.of(tokens), (index, states) -> assertEquals(pattern, states.pattern()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3-", "-1", "7-3", "0 1", "", "first"})
  void mustBeReadable(String own) {
    try (Embedder embedder = Embedder.open(options(model, "auto", Long.MAX_VALUE))) {
      Embedder.Tokens tokens = embedder.tokenize(text);
      String message =
          assertThrows(IllegalArgumentException.class, () -> embedder.withGlobalTokens(tokens, own))
              .getMessage();
      assertTrue(message.contains("was '" + own + "': write for example '0, 5, 8-11'"), message);
    }
  }

  @Test
  void needAModelThatProjectsThemApart() {
    try (Embedder embedder = Embedder.open(options("minilm", "auto", Long.MAX_VALUE))) {
      Embedder.Tokens tokens = embedder.tokenize(text);
      assertTrue(
          assertThrows(IllegalArgumentException.class, () -> embedder.withGlobalTokens(tokens, "0"))
              .getMessage()
              .startsWith(
                  "globalTokens must be auto for a model that does not project global tokens apart,"
                      + " was '0': choose one that does, such as Longformer"));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> Embedder.describe(options("minilm", "0", Long.MAX_VALUE)),
        "before weights are read");
  }

  private static float[] vector(String globalTokens, long limitBytes) {
    try (Embedder embedder = Embedder.open(options(model, globalTokens, limitBytes))) {
      return embedder.embed(List.of(embedder.tokenize(text))).get(0).vector();
    }
  }

  private static EmbedderOptions options(String model, String globalTokens, long limitBytes) {
    return new EmbedderOptions(
            model,
            "auto",
            "tile",
            0,
            "cpu",
            1,
            "auto",
            VectorOptions.defaults(),
            new AttentionChoices(globalTokens, "drawn"))
        .withLimitBytes(limitBytes);
  }
}
