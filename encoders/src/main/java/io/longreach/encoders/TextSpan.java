package io.longreach.encoders;

import io.longreach.encoders.Embedder.PlacedTokens;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * A stretch of a text with the tokens that stand for it: what {@link Embedder#vector} pools in late
 * chunking. Ascending spans suit documents that are streamed.
 *
 * @param start first char, in UTF-16 units
 * @param end one past the last char
 * @param firstToken first token that has a char of the span
 * @param lastToken one past the last one
 */
public record TextSpan(int start, int end, int firstToken, int lastToken) {

  /**
   * The sentences of a text; those without a token are left out.
   *
   * <p><b>Semantics.</b> Sentences end where {@link BreakIterator} says for the language.
   *
   * @param tokensUsed tokens that entered the encoder; text beyond them has no spans
   */
  public static List<TextSpan> sentences(
      String text, Locale language, PlacedTokens tokens, int tokensUsed) {
    BreakIterator sentences = BreakIterator.getSentenceInstance(language);
    sentences.setText(text);
    TokenPlaces places = new TokenPlaces(tokens, tokensUsed);
    List<TextSpan> spans = new ArrayList<>();
    int start = sentences.first();
    for (int end = sentences.next(); end != BreakIterator.DONE; end = sentences.next()) {
      TextSpan span = places.span(start, end);
      if (span.firstToken < span.lastToken) {
        spans.add(span);
      }
      start = end;
    }
    return spans;
  }

  /**
   * Stretches of a text that the caller knows, one span for each, in their order.
   *
   * @param starts first char of each
   * @param ends one past the last char of each
   * @throws IllegalArgumentException if a stretch has no token among those used
   */
  public static List<TextSpan> offsets(
      int[] starts, int[] ends, PlacedTokens tokens, int tokensUsed) {
    if (starts.length != ends.length) {
      throw new IllegalArgumentException(
          "offsets must come in pairs, were "
              + starts.length
              + " starts and "
              + ends.length
              + " ends: give one end for each start");
    }
    TokenPlaces places = new TokenPlaces(tokens, tokensUsed);
    List<TextSpan> spans = new ArrayList<>();
    for (int i = 0; i < starts.length; i++) {
      TextSpan span = places.span(starts[i], ends[i]);
      if (span.firstToken >= span.lastToken) {
        throw new IllegalArgumentException(
            "offsets must cover a token that is used, were ["
                + starts[i]
                + ", "
                + ends[i]
                + "): leave them out");
      }
      spans.add(span);
    }
    return spans;
  }

  /** The tokens that stand for text: special tokens and prompts left out. */
  private static final class TokenPlaces {
    private final PlacedTokens tokens;
    private final int[] ofText;

    TokenPlaces(PlacedTokens tokens, int tokensUsed) {
      this.tokens = tokens;
      this.ofText =
          IntStream.range(0, Math.min(tokensUsed, tokens.ids().length))
              .filter(token -> tokens.starts()[token] < tokens.ends()[token])
              .toArray();
    }

    TextSpan span(int start, int end) {
      int first = firstOfText(token -> tokens.ends()[token] > start);
      int last = firstOfText(token -> tokens.starts()[token] >= end);
      return first < last
          ? new TextSpan(start, end, ofText[first], ofText[last - 1] + 1)
          : new TextSpan(start, end, 0, 0);
    }

    /** Binary search: the condition holds from some token on. */
    private int firstOfText(IntPredicate condition) {
      int low = 0;
      int high = ofText.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (condition.test(ofText[middle])) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      return low;
    }
  }
}
