package io.longreach.encoders.family;

import io.longreach.encoders.transformer.GlobalAttention;
import io.longreach.encoders.transformer.LayerPatterns;
import io.longreach.kernels.pattern.AttentionPattern;
import java.util.stream.IntStream;

/**
 * The attention of a model, which is known before its weights are.
 *
 * @param globalTokens tokens with global attention
 * @param padding that the family computes with
 */
public record AttentionInUse(
    LayerPatterns patterns, int layers, int[] globalTokens, Padding padding) {

  /** The pattern of a layer for a document, global tokens included. */
  public AttentionPattern pattern(int layer, int tokens) {
    int[] globals = IntStream.of(globalTokens).filter(token -> token < tokens).toArray();
    return GlobalAttention.withGlobal(patterns.pattern(layer, padding.padded(tokens)), globals);
  }

  /** Whether some layer hashes, whatever the length. */
  boolean hashes() {
    return IntStream.range(0, layers).anyMatch(layer -> patterns.pattern(layer, 1).hashes());
  }

  /** Canonical text of the patterns for a document, one line whatever the layers do. */
  public String pattern(int tokens) {
    StringBuilder text = new StringBuilder();
    for (int first = 0, last; first < layers; first = last) {
      String pattern = pattern(first, tokens).toString();
      last = first + 1;
      while (last < layers && pattern(last, tokens).toString().equals(pattern)) {
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
