package io.longreach.encoders.transformer;

import io.longreach.kernels.pattern.AttentionPattern;

/** The pattern of a layer for a document of a length. */
@FunctionalInterface
public interface LayerPatterns {
  AttentionPattern pattern(int layer, int tokens);

  /** The patterns of one layer. */
  default DocumentPattern layer(int layer) {
    return document -> pattern(layer, document.tokens());
  }
}
