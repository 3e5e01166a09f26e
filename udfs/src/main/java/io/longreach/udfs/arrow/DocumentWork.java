package io.longreach.udfs.arrow;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.HiddenStates;

/**
 * What is wanted of documents: how they are tokenized, and what is kept of their states.
 *
 * @param <V> what is kept
 */
public interface DocumentWork<V> {

  Embedder embedder();

  /** Ends between pieces of a long text when its task is killed. */
  default Embedder.Tokens tokenize(String text) {
    return embedder().tokenize(text, TaskMemory::endIfKilled);
  }

  /**
   * What is kept of a document. Called while its states are valid; again if its batch fails later.
   */
  V value(Document document, HiddenStates states);
}
