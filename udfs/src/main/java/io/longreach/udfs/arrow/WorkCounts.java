package io.longreach.udfs.arrow;

/** Sees what a stream does, to count it. */
public interface WorkCounts {
  /** Counts nothing. */
  WorkCounts NONE = new WorkCounts() {};

  /** A text was tokenized. */
  default void tokenized(long nanos) {}

  /**
   * Documents went through the encoder.
   *
   * @param tokens that entered it
   * @param nanos of the pass, its attention included
   */
  default void encoded(int documents, long tokens, long nanos, long attentionNanos) {}

  /** A batch is complete. */
  default void batch() {}
}
