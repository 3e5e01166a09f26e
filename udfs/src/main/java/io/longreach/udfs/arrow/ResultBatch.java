package io.longreach.udfs.arrow;

import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Results on their way back: an Arrow record batch, filled in the order of its rows, then read row
 * by row or as a whole.
 *
 * @param <T> what travels beside a text
 * @param <V> what is kept of a document
 * @param <R> what is read of it
 */
public interface ResultBatch<T, V, R> extends AutoCloseable {

  /**
   * A row joins the batch, before anything is known of its document.
   *
   * @return bytes that it takes in this batch, which its text does not count
   */
  default long pass(T beside) {
    return 0;
  }

  void set(int row, V value);

  /** There was no text. */
  void setNull(int row);

  /**
   * @param tokens of the text, 0 where it could not be tokenized
   */
  void setFailure(int row, long tokens, RuntimeException reason);

  /**
   * Completes the record batch.
   *
   * @param texts the rows' texts, in one column; as long there as this batch
   */
  void finish(VectorSchemaRoot texts);

  /** How many times a complete batch of so many rows is read. */
  default int reads(int rows) {
    return rows;
  }

  /**
   * A row of a complete batch, or the batch; valid until the next is read.
   *
   * @param beside what travelled beside the text
   * @param bytes UTF-8 bytes of the text
   */
  R read(int row, T beside, long bytes);

  @Override
  void close();
}
