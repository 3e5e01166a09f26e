package io.longreach.encoders.family;

import io.longreach.encoders.transformer.Encoder;
import io.longreach.encoders.transformer.LayerPatterns;

/**
 * A checkpoint's encoder and what one must know to use it.
 *
 * @param ownTokens longest document that the model was made for
 * @param patterns attention of each layer, as it is in use
 * @param layers number of layers
 */
public record EncoderModel(Encoder encoder, int ownTokens, LayerPatterns patterns, int layers) {

  /** Canonical text of the patterns for a document, one line whatever the layers do. */
  public String pattern(int tokens) {
    StringBuilder text = new StringBuilder();
    for (int first = 0, last; first < layers; first = last) {
      String pattern = patterns.pattern(first, tokens).toString();
      last = first + 1;
      while (last < layers && patterns.pattern(last, tokens).toString().equals(pattern)) {
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
