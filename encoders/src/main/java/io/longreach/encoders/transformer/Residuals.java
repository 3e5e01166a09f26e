package io.longreach.encoders.transformer;

/** Where a layer normalises, and what its branches are added to. */
public enum Residuals {
  /** {@code x = LN(x + branch(x))}: BERT and its descendants. */
  POST_NORM,
  /** {@code x += branch(LN(x))}: ModernBERT, Performer. */
  PRE_NORM,
  /**
   * Two streams: {@code a += attention(LN(x)); x += feedForward(LN(a))}, the result being {@code [a
   * | x]}: Reformer.
   */
  REVERSIBLE
}
