package io.longreach.encoders.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TextTokenizerTest {
  private static final int WHOLE = Integer.MAX_VALUE;

  static Stream<String> tokenizers() {
    return Stream.of(
        TokenizerFiles.miniLm(),
        TokenizerFiles.byteLevel(false),
        TokenizerFiles.byteLevel(true),
        TokenizerFiles.unigram());
  }

  @Test
  void knownSentence() {
    try (TextTokenizer tokenizer = TextTokenizer.read(TokenizerFiles.miniLm())) {
      TokenizedText text = tokenizer.encode("Hello, Worlds!");
      assertArrayEquals(new int[] {101, 7592, 1010, 8484, 999, 102}, text.ids());
      assertArrayEquals(new int[] {0, 0, 5, 7, 13, 14}, text.starts());
      assertArrayEquals(new int[] {0, 5, 6, 13, 14, 14}, text.ends());
      assertArrayEquals(new boolean[] {true, false, false, false, false, true}, text.special());
      assertArrayEquals(new int[6], text.typeIds());
      assertEquals(2, tokenizer.specialTokens());
    }
  }

  @Test
  void neverTruncatesAndNeverPads() {
    try (TextTokenizer tokenizer = TextTokenizer.read(TokenizerFiles.miniLm())) {
      assertEquals(3, tokenizer.ids("one").length);
      assertEquals(1002, tokenizer.ids("one ".repeat(1000)).length);
      assertArrayEquals(new int[] {101, 102}, tokenizer.ids(""));
    }
  }

  @ParameterizedTest
  @MethodSource("tokenizers")
  void piecesGiveTheTokensOfTheWhole(String json) {
    String[] texts = {
      TokenizerFiles.address(1790),
      TokenizerFiles.address(1862),
      TokenizerFiles.address(1941).replace(". ", ".  \t ").replace("of ", "\uD83D\uDE00 of "),
      scrambled(TokenizerFiles.address(1790), 7)
    };
    try (TextTokenizer whole = TextTokenizer.read(json, WHOLE);
        TextTokenizer pieces = TextTokenizer.read(json, 50)) {
      for (String text : texts) {
        TokenizedText expected = whole.encode(text);
        TokenizedText found = pieces.encode(text);
        assertArrayEquals(expected.ids(), found.ids());
        assertArrayEquals(expected.typeIds(), found.typeIds());
        assertArrayEquals(expected.special(), found.special());
        assertArrayEquals(expected.starts(), found.starts());
        assertArrayEquals(expected.ends(), found.ends());
        assertArrayEquals(expected.ids(), pieces.ids(text));
      }
    }
  }

  @Test
  void theTestTokenizersAreReallyCut() {
    tokenizers().forEach(json -> assertTrue(SafeBoundaries.of(json).splittable()));
    String text = TokenizerFiles.address(1790);
    int cut = SafeBoundaries.of(TokenizerFiles.miniLm()).next(text, 0, 50);
    assertTrue(cut >= 50 && cut < 100, "cut at " + cut);
  }

  @Test
  void unknownPartsAreNeverCut() {
    String text = TokenizerFiles.address(1790);
    String unknown = TokenizerFiles.miniLm().replace("\"BertPreTokenizer\"", "\"Novel\"");
    assertFalse(SafeBoundaries.of(unknown).splittable());
    assertEquals(text.length(), SafeBoundaries.of(unknown).next(text, 0, 50));
    String spaced = TokenizerFiles.miniLm().replace("\"[MASK]\"", "\"the state\"");
    assertFalse(SafeBoundaries.of(spaced).splittable(), "an added token with a space inside");
  }

  @Test
  void tenMegabytes() {
    String address = TokenizerFiles.address(1862) + "\n";
    int copies = 10_000_000 / address.length() + 1;
    try (TextTokenizer tokenizer = TextTokenizer.read(TokenizerFiles.miniLm())) {
      int one = tokenizer.ids(address).length - 2;
      int[] all = tokenizer.ids(address.repeat(copies));
      assertEquals((long) one * copies + 2, all.length);
      assertEquals(102, all[all.length - 1]);
    }
  }

  @ParameterizedTest
  @MethodSource("tokenizers")
  void anyCharIsSurvived(String json) {
    try (TextTokenizer tokenizer = TextTokenizer.read(json)) {
      for (String text :
          new String[] {"a\uD800b", "\uDC00", "a\u0000b", "\uD83D", "\uFFFF\uFFFE"}) {
        TokenizedText encoded = tokenizer.encode(text);
        assertSpansInside(encoded, text);
      }
      Random random = new Random(1);
      for (int round = 0; round < 50; round++) {
        char[] chars = new char[300];
        for (int i = 0; i < chars.length; i++) {
          chars[i] = (char) random.nextInt(round % 2 == 0 ? 0x10000 : 0x80);
        }
        String text = new String(chars);
        assertSpansInside(tokenizer.encode(text), text);
      }
    }
  }

  @Test
  void spansCountCharsBeyondTheBasicPlane() {
    try (TextTokenizer tokenizer = TextTokenizer.read(TokenizerFiles.miniLm())) {
      TokenizedText text = tokenizer.encode("\uD83D\uDE00 ok");
      assertArrayEquals(new int[] {0, 0, 3, 5}, text.starts());
      assertArrayEquals(new int[] {0, 2, 5, 5}, text.ends());
    }
  }

  @Test
  void badFilesAreNamed() {
    IllegalArgumentException noJson =
        assertThrows(IllegalArgumentException.class, () -> TextTokenizer.read("{\"x\":"));
    assertTrue(noJson.getMessage().startsWith("tokenizer.json is not JSON"), noJson.getMessage());
    IllegalArgumentException noTokenizer =
        assertThrows(IllegalArgumentException.class, () -> TextTokenizer.read("{\"x\":1}"));
    assertTrue(
        noTokenizer.getMessage().startsWith("tokenizer.json could not be read"),
        noTokenizer.getMessage());
  }

  @Test
  void closedIsAnErrorAndNoCrash() {
    TextTokenizer tokenizer = TextTokenizer.read(TokenizerFiles.miniLm());
    tokenizer.close();
    tokenizer.close();
    assertThrows(IllegalStateException.class, () -> tokenizer.ids("one"));
  }

  private static void assertSpansInside(TokenizedText encoded, String text) {
    for (int token = 0; token < encoded.tokens(); token++) {
      assertTrue(
          encoded.starts()[token] >= 0
              && encoded.starts()[token] <= encoded.ends()[token]
              && encoded.ends()[token] <= text.length(),
          Arrays.toString(encoded.starts()) + Arrays.toString(encoded.ends()));
    }
  }

  /** Real words with odd separators, accents, marks and added tokens between them. */
  private static String scrambled(String text, int seed) {
    String[] odd = {
      " ",
      "  ",
      "\n",
      "\t ",
      "\u00A0",
      "e\u0301 ",
      " \u0301",
      "\u200B",
      "<mask> ",
      " [SEP] ",
      "'s ",
      "\u4E2D",
      " \u0130I\u03A3 ",
      "\u3000",
      "-",
      ", "
    };
    Random random = new Random(seed);
    StringBuilder out = new StringBuilder();
    for (String word : text.split(" ")) {
      out.append(word).append(random.nextInt(3) > 0 ? " " : odd[random.nextInt(odd.length)]);
    }
    return out.toString();
  }
}
