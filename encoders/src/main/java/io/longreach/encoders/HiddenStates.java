package io.longreach.encoders;

import io.longreach.kernels.device.RowReduction;
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

  /** Canonical text of the pattern that the document was encoded with. */
  String pattern();

  /** Copies rows {@code [firstToken, lastToken)}, row-major. */
  float[] rows(int firstToken, int lastToken);

  /** Rows {@code [firstToken, lastToken)} as one, where they are if they can be reduced there. */
  default double[] reduce(int firstToken, int lastToken, RowReduction reduction) {
    double[] reduced = reduction.start(columns());
    for (int first = firstToken; first < lastToken; first += RowReduction.BLOCK_ROWS) {
      int last = Math.min(lastToken, first + RowReduction.BLOCK_ROWS);
      reduction.add(rows(first, last), first - firstToken, reduced);
    }
    return reduced;
  }

  /** What a reader of the states should know, see {@link Embedding#warnings}. */
  List<String> warnings();
}
