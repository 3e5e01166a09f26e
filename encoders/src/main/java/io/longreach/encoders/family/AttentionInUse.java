package io.longreach.encoders.family;

import io.longreach.encoders.transformer.Document;
import io.longreach.encoders.transformer.GlobalAttention;
import io.longreach.encoders.transformer.LayerPatterns;
import io.longreach.kernels.pattern.AttentionPattern;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The attention of a model, which is known before its weights are.
 *
 * @param patterns of each layer, as they are in use
 * @param layers number of layers
 * @param globalTokens tokens with global attention where a document names none; empty for families
 *     that do not project global tokens apart
 * @param padding that the family computes with
 */
public record AttentionInUse(
    LayerPatterns patterns, int layers, Optional<int[]> globalTokens, Padding padding) {
  private static final int[] NONE = {};

  /** Of a family that does not project global tokens apart. */
  static AttentionInUse of(LayerPatterns patterns, int layers, Padding padding) {
    return new AttentionInUse(patterns, layers, Optional.empty(), padding);
  }

  /**
   * @param asked positions, or {@code the column 'NAME'}, for the message
   * @throws IllegalArgumentException if the family does not project global tokens apart
   */
  public void requireGlobalTokens(Object asked) {
    if (globalTokens.isEmpty()) {
      throw new IllegalArgumentException(
          "globalTokens must be auto for a model that does not project global tokens apart, was "
              + asked
              + ": choose one that does, such as Longformer, or a pattern that has them, such as"
              + " 'window(256) + global(0)'");
    }
  }

  /**
   * A plain text as the model reads it; padding may stand behind it.
   *
   * @param ownGlobalTokens ascending; those beyond the end are left out; null for the model's
   */
  public Document document(int[] ids, int[] ownGlobalTokens) {
    return padding.pad(new Document(ids, null, null, globalTokens(ids.length, ownGlobalTokens)));
  }

  private int[] globalTokens(int tokens, int[] own) {
    return IntStream.of(own == null ? globalTokens.orElse(NONE) : own)
        .filter(token -> token < tokens)
        .toArray();
  }

  /** The pattern of a layer for a document, global tokens included. */
  public AttentionPattern pattern(int layer, int tokens) {
    return pattern(layer, tokens, null);
  }

  private AttentionPattern pattern(int layer, int tokens, int[] ownGlobalTokens) {
    return GlobalAttention.withGlobal(
        patterns.pattern(layer, padding.padded(tokens)), globalTokens(tokens, ownGlobalTokens));
  }

  /** Whether some layer hashes, whatever the length. */
  boolean hashes() {
    return IntStream.range(0, layers).anyMatch(layer -> patterns.pattern(layer, 1).hashes());
  }

  /** Canonical text of the patterns for a document, one line whatever the layers do. */
  public String pattern(int tokens) {
    return pattern(tokens, null);
  }

  /** The same for a document with global tokens of its own, null for the model's. */
  public String pattern(int tokens, int[] ownGlobalTokens) {
    StringBuilder text = new StringBuilder();
    for (int first = 0, last; first < layers; first = last) {
      String pattern = pattern(first, tokens, ownGlobalTokens).toString();
      last = first + 1;
      while (last < layers && pattern(last, tokens, ownGlobalTokens).toString().equals(pattern)) {
        last++;
      }
      if (first == 0 && last == layers) {
        return pattern;
      }
      text.append(text.length() == 0 ? "" : "; ")
          .append(last - first == 1 ? first : first + "-" + (last - 1))
          .append(": ")
          .append(pattern);
    }
    return text.toString();
  }
}
