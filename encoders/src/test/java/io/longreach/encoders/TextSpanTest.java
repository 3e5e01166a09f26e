package io.longreach.encoders;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class TextSpanTest {
  private static final String TEXT = "One two. Is it three? Yes!";

  /** Words and marks, a special token at both ends. */
  private static final Placed TOKENS =
      new Placed(
          new int[] {0, 0, 4, 7, 9, 12, 15, 20, 22, 25, 26},
          new int[] {0, 3, 7, 8, 11, 14, 20, 21, 25, 26, 26});

  private record Placed(int[] starts, int[] ends) implements Embedder.PlacedTokens {
    @Override
    public int[] ids() {
      return new int[starts.length];
    }
  }

  @Test
  void sentencesHaveTheirTokens() {
    assertEquals(
        List.of(new TextSpan(0, 9, 1, 4), new TextSpan(9, 22, 4, 8), new TextSpan(22, 26, 8, 10)),
        TextSpan.sentences(TEXT, Locale.ENGLISH, TOKENS, 11));
    assertEquals(
        List.of(new TextSpan(0, 9, 1, 4), new TextSpan(9, 22, 4, 6)),
        TextSpan.sentences(TEXT, Locale.ENGLISH, TOKENS, 6),
        "tokens that were cut off have no spans");
  }

  @Test
  void offsetsMayOverlapAndCutTokens() {
    assertEquals(
        List.of(new TextSpan(10, 21, 4, 8), new TextSpan(0, 26, 1, 10), new TextSpan(5, 6, 2, 3)),
        TextSpan.offsets(new int[] {10, 0, 5}, new int[] {21, 26, 6}, TOKENS, 11));
  }

  @Test
  void offsetsWithoutTokensAreNamed() {
    IllegalArgumentException between =
        assertThrows(
            IllegalArgumentException.class,
            () -> TextSpan.offsets(new int[] {3}, new int[] {4}, TOKENS, 11));
    assertTrue(between.getMessage().contains("were [3, 4)"), between.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> TextSpan.offsets(new int[] {3, 5}, new int[] {4}, TOKENS, 11));
  }

  @Test
  void sentencesArePooledAlikeWhereTheDocumentIsStreamed() {
    String text = "The state of the union is strong. ".repeat(60);
    EmbedderOptions whole = new EmbedderOptions("minilm", "window(16)", "tile", 0, "cpu", 1);
    List<float[]> expected = vectors(whole, text);
    List<float[]> found = vectors(whole.withLimitBytes(0), text);
    assertEquals(60, expected.size(), "sentences");
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), found.get(i), "sentence " + i);
    }
  }

  private static List<float[]> vectors(EmbedderOptions options, String text) {
    List<float[]> vectors = new ArrayList<>();
    try (Embedder embedder = Embedder.open(options)) {
      Embedder.PlacedTokens tokens = embedder.tokenizeWithPlaces(text);
      embedder.encode(
          List.of(tokens),
          (index, states) -> {
            for (TextSpan span :
                TextSpan.sentences(text, Locale.ENGLISH, tokens, states.tokensUsed())) {
              vectors.add(embedder.vector(states, span.firstToken(), span.lastToken()));
            }
          });
    }
    return vectors;
  }
}
