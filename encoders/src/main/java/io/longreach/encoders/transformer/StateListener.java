package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Matrix;

/** Sees the states between the layers, before the next layer overwrites them. */
@FunctionalInterface
public interface StateListener {
  /** Sees nothing. */
  StateListener NONE = (layers, attentionStream, hidden) -> {};

  /**
   * @param layers layers behind these states, 0 for the embedding
   * @param attentionStream the stream that attention adds to; the hidden states themselves unless
   *     the encoder is {@link Residuals#REVERSIBLE}
   */
  void states(int layers, Matrix attentionStream, Matrix hidden);

  /** The pass is done, and its attention, projections aside, took so long. */
  default void attended(long nanos) {}
}
