package io.longreach.encoders.transformer;

import java.util.Arrays;

/** Which row of an embedding table each token of a document reads. */
@FunctionalInterface
public interface IndexSource {

  /** Begins to read a document. */
  Reader read(Document document);

  /** The indices of one document's tokens, in order; not thread-safe. */
  @FunctionalInterface
  interface Reader {
    /**
     * Writes those of the next {@code last - first} tokens to {@code indices[first .. last - 1]}.
     */
    void next(int[] indices, int first, int last);
  }

  /** An index for each token. */
  @FunctionalInterface
  interface OfToken {
    int index(int token);
  }

  /** A reader of indices that depend on nothing but the token's number. */
  static Reader each(OfToken source) {
    return new Reader() {
      private int token;

      @Override
      public void next(int[] indices, int first, int last) {
        for (int at = first; at < last; at++) {
          indices[at] = source.index(token++);
        }
      }
    };
  }

  /** The token ids. */
  static IndexSource tokens() {
    return document -> each(token -> document.ids()[token]);
  }

  /** The token type ids. */
  static IndexSource types() {
    return document ->
        document.typeIds() == null
            ? (indices, first, last) -> Arrays.fill(indices, first, last, 0)
            : each(token -> document.typeIds()[token]);
  }
}
