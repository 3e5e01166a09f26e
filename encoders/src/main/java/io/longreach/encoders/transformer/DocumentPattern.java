package io.longreach.encoders.transformer;

import io.longreach.kernels.pattern.AttentionPattern;

/** The pattern of a layer for a document. */
@FunctionalInterface
public interface DocumentPattern {
  AttentionPattern of(Document document);
}
