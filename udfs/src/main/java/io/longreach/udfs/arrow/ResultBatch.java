package io.longreach.udfs.arrow;

/**
 * Results on their way back: an Arrow record batch, filled in the order of its rows, then read.
 *
 * @param <T> what travels beside a text
 * @param <V> what is kept of a document
 * @param <R> a finished row
 */
public interface ResultBatch<T, V, R> extends AutoCloseable {

  void set(int row, V value);

  /** There was no text. */
  void setNull(int row);

  /**
   * @param tokens of the text, 0 where it could not be tokenized
   */
  void setFailure(int row, long tokens, RuntimeException reason);

  /** Completes the record batch. */
  void finish(int rows);

  /**
   * A row of a complete batch, valid until the next is read.
   *
   * @param beside what travelled beside the text
   * @param bytes UTF-8 bytes of the text
   */
  R row(int row, T beside, long bytes);

  @Override
  void close();
}
