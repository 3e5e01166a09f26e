package io.longreach.encoders;

import java.util.List;

/**
 * One document's states behind the last layer, valid only during the call that shows them.
 *
 * <p>A document that is streamed is encoded while its rows are read: read them once and in order,
 * as rows behind the last ones read are encoded again.
 *
 * <p><b>Shapes.</b> {@code [tokensUsed, columns]}, special tokens included.
 */
public interface HiddenStates {

  /** Tokens of the whole document. */
  int tokens();

  /** Tokens that entered the encoder: the rows of the states. */
  int tokensUsed();

  int columns();

  /** Copies rows {@code [firstToken, lastToken)}, row-major. */
  float[] rows(int firstToken, int lastToken);

  /** What a reader of the states should know, see {@link Embedding#warnings}. */
  List<String> warnings();
}
