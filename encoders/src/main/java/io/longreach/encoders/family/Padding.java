package io.longreach.encoders.family;

import io.longreach.encoders.transformer.Document;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Padding that belongs to a model's definition: the length of a document is rounded up to a
 * multiple, unless it is short.
 *
 * @param multipleTokens 1 for no padding
 * @param exemptTokens documents up to here are left alone
 */
public record Padding(int multipleTokens, int exemptTokens, int padId) {
  public static final Padding NONE = new Padding(1, 0, 0);

  /** The document, with masked padding behind it where the model wants some. */
  public Document pad(Document document) {
    int tokens = document.tokens();
    int padded = padded(tokens);
    if (padded == tokens) {
      return document;
    }
    int[] ids = Arrays.copyOf(document.ids(), padded);
    Arrays.fill(ids, tokens, padded, padId);
    BitSet valid = new BitSet(padded);
    valid.set(0, tokens);
    if (document.valid() != null) {
      valid.and(document.valid());
    }
    int[] types = document.typeIds() == null ? null : Arrays.copyOf(document.typeIds(), padded);
    return new Document(ids, types, valid, document.globalTokens());
  }

  /** The length that a document of {@code tokens} counts as. */
  public int padded(int tokens) {
    return tokens <= exemptTokens
        ? tokens
        : Math.addExact(tokens, Math.floorMod(-tokens, multipleTokens));
  }
}
