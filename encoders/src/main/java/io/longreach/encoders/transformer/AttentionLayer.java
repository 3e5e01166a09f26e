package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Matrix;

/** The attention of one layer with its projections, the output projection excepted. */
public interface AttentionLayer {

  /** Columns of the context: heads times headDim. */
  int contextColumns();

  /** Computes the context of every document; rows of different documents never meet. */
  void attend(Forward forward, Matrix in, Matrix context);
}
