package io.longreach.encoders.transformer;

import java.util.Arrays;

/** Which row of an embedding table each token of a document reads. */
@FunctionalInterface
public interface IndexSource {

  /** Writes one index per token to {@code indices[first ..]}. */
  void fill(Document document, int[] indices, int first);

  /** The token ids. */
  static IndexSource tokens() {
    return (document, indices, first) ->
        System.arraycopy(document.ids(), 0, indices, first, document.tokens());
  }

  /** The token type ids. */
  static IndexSource types() {
    return (document, indices, first) -> {
      if (document.typeIds() == null) {
        Arrays.fill(indices, first, first + document.tokens(), 0);
      } else {
        System.arraycopy(document.typeIds(), 0, indices, first, document.tokens());
      }
    };
  }
}
