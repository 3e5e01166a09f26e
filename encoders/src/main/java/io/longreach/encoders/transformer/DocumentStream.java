package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Matrix;

/** The hidden states of one document, a segment at a time, in memory that does not grow with it. */
public interface DocumentStream extends AutoCloseable {

  /** Rows behind the last layer. */
  record Rows(int firstToken, Matrix states) {}

  /** Whether all rows were handed out. */
  boolean isDone();

  /** The next rows, to be read before the next call. */
  default Rows next() {
    return next(() -> {});
  }

  /**
   * The same.
   *
   * @param betweenLayers runs before each layer's work; what it throws ends the stream
   */
  Rows next(Runnable betweenLayers);

  /** Time that attention took so far, projections aside. */
  long attentionNanos();

  /** Gives back what lies on the disk. */
  @Override
  void close();
}
