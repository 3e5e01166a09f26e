package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Matrix;

/** The attention of one layer over one document whose rows come in order. */
interface AttentionStream {

  /** Takes the next rows of the document. */
  void feed(Matrix in);

  /** How many of the next tokens have all their keys, at most a segment of them. */
  int ready();

  /** The context of the next {@link #ready} tokens, to be read before the next call. */
  Matrix context();

  /** The tokens that see every token and are seen by every token, ascending. */
  int[] globalTokens();

  /** Gives the layer's input of the {@link #globalTokens}, before any row is fed. */
  void begin(Matrix globals);

  /** The context of the {@link #globalTokens}, after all rows were fed. */
  Matrix globalContext();
}
