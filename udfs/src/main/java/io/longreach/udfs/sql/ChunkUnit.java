package io.longreach.udfs.sql;

import io.longreach.encoders.Embedder.PlacedTokens;
import io.longreach.encoders.TextSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Where chunks of a document may end. */
public enum ChunkUnit {
  /** After any token. */
  TOKENS {
    @Override
    List<TextSpan> spans(String text, PlacedTokens tokens, int tokensUsed, int chunkTokens) {
      List<TextSpan> chunks = new ArrayList<>();
      for (int first = 0; first < tokensUsed; first += chunkTokens) {
        int last = Math.min(tokensUsed, first + chunkTokens);
        int start = Integer.MAX_VALUE;
        int end = 0;
        for (int t = first; t < last; t++) {
          if (tokens.starts()[t] < tokens.ends()[t]) {
            start = Math.min(start, tokens.starts()[t]);
            end = Math.max(end, tokens.ends()[t]);
          }
        }
        if (start < end) {
          chunks.add(new TextSpan(start, end, first, last));
        }
      }
      return chunks;
    }
  },
  /** After a sentence; one that has more than so many tokens is a chunk of its own. */
  SENTENCES {
    @Override
    List<TextSpan> spans(String text, PlacedTokens tokens, int tokensUsed, int chunkTokens) {
      List<TextSpan> chunks = new ArrayList<>();
      TextSpan open = null;
      for (TextSpan sentence : TextSpan.sentences(text, Locale.ROOT, tokens, tokensUsed)) {
        if (open != null && sentence.lastToken() - open.firstToken() > chunkTokens) {
          chunks.add(open);
          open = null;
        }
        open =
            open == null
                ? sentence
                : new TextSpan(
                    open.start(), sentence.end(), open.firstToken(), sentence.lastToken());
      }
      if (open != null) {
        chunks.add(open);
      }
      return chunks;
    }
  };

  /**
   * The chunks of a document in their order; stretches without text are left out.
   *
   * @param chunkTokens how many tokens a chunk has at most
   */
  abstract List<TextSpan> spans(String text, PlacedTokens tokens, int tokensUsed, int chunkTokens);
}
