package io.longreach.encoders.transformer;

import java.util.BitSet;
import java.util.Objects;

/**
 * One document as an encoder reads it. The arrays are not copied: do not write to them.
 *
 * @param ids token ids, special tokens included
 * @param typeIds token type ids, or null for zeros
 * @param valid the tokens that are no padding, holes allowed; null for all
 * @param globalTokens positions of the tokens with global attention, ascending; heeded only by
 *     families that have it
 */
public record Document(int[] ids, int[] typeIds, BitSet valid, int[] globalTokens) {
  private static final int[] NONE = {};

  public Document {
    Objects.requireNonNull(ids, "ids");
    Objects.requireNonNull(globalTokens, "globalTokens");
    if (ids.length == 0) {
      throw new IllegalArgumentException("a document must have a token: leave empty texts out");
    }
    requireLength("typeIds", typeIds == null ? ids.length : typeIds.length, ids.length);
  }

  /** A plain text: no types, nothing masked, nothing global. */
  public static Document of(int[] ids) {
    return new Document(ids, null, null, NONE);
  }

  /** Number of tokens. */
  public int tokens() {
    return ids.length;
  }

  private static void requireLength(String name, int found, int expected) {
    if (found != expected) {
      throw new IllegalArgumentException(
          name + " must have one entry per token, " + expected + ", had " + found);
    }
  }
}
