package io.longreach.job.output;

import io.longreach.encoders.Embedder.PlacedTokens;
import io.longreach.encoders.TextSpan;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How a document is cut into chunks with a vector each. The document is encoded whole, so that a
 * chunk's vector carries the document's context: late chunking.
 *
 * <p><b>Source.</b> Günther et al., Late Chunking, 2024.
 *
 * @param tokens of a chunk at most; a sentence that is longer stays whole
 */
public record Chunking(By by, int tokens) implements Serializable {

  /** Where chunks may end. */
  public enum By {
    /** Nowhere: one vector for the document. */
    DOCUMENT,
    /** Behind every so many tokens. */
    TOKENS,
    /** Behind sentences, as many together as there is room for. */
    SENTENCES
  }

  public Chunking {
    if (by != By.DOCUMENT && tokens < 1) {
      throw new IllegalArgumentException(
          "--chunk-tokens must be at least 1, was " + tokens + ": try 256");
    }
  }

  /** One vector for each document. */
  public static Chunking none() {
    return new Chunking(By.DOCUMENT, 0);
  }

  public boolean isNone() {
    return by == By.DOCUMENT;
  }

  /** Part of the configuration that a vector depends on. */
  public String text() {
    return isNone() ? "" : by.name().toLowerCase(Locale.ROOT) + " " + tokens;
  }

  /**
   * The chunks of a document, in order.
   *
   * @param tokensUsed tokens that entered the encoder
   * @throws IllegalArgumentException if there is none
   */
  public List<TextSpan> spans(String text, PlacedTokens places, int tokensUsed) {
    List<TextSpan> spans =
        by == By.SENTENCES ? sentences(text, places, tokensUsed) : fixed(places, tokensUsed);
    if (spans.isEmpty()) {
      throw new IllegalArgumentException(
          "no token of the text is used, so there is no chunk: raise --max-tokens");
    }
    return spans;
  }

  private List<TextSpan> sentences(String text, PlacedTokens places, int tokensUsed) {
    List<TextSpan> chunks = new ArrayList<>();
    TextSpan open = null;
    for (TextSpan sentence : TextSpan.sentences(text, Locale.ROOT, places, tokensUsed)) {
      if (open != null && sentence.lastToken() - open.firstToken() <= tokens) {
        open = new TextSpan(open.start(), sentence.end(), open.firstToken(), sentence.lastToken());
        continue;
      }
      if (open != null) {
        chunks.add(open);
      }
      open = sentence;
    }
    if (open != null) {
      chunks.add(open);
    }
    return chunks;
  }

  private List<TextSpan> fixed(PlacedTokens places, int tokensUsed) {
    List<TextSpan> chunks = new ArrayList<>();
    for (int first = 0; first < tokensUsed; first += tokens) {
      int last = Math.min(tokensUsed, first + tokens);
      int start = Integer.MAX_VALUE;
      int end = 0;
      for (int token = first; token < last; token++) {
        if (places.starts()[token] < places.ends()[token]) {
          start = Math.min(start, places.starts()[token]);
          end = Math.max(end, places.ends()[token]);
        }
      }
      if (start < end) {
        chunks.add(new TextSpan(start, end, first, last));
      }
    }
    return chunks;
  }
}
