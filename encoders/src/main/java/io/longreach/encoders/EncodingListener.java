package io.longreach.encoders;

/** Sees a batch on its way through the encoder; what it throws ends the pass. */
@FunctionalInterface
public interface EncodingListener {

  /**
   * A document's states, in the order of the batch.
   *
   * @param index of the document in the batch
   */
  void document(int index, HiddenStates states);

  /**
   * A layer of a packed pass is done, the embedding being layer 0, or a segment of a streamed
   * document, counted from 0: the place to cancel.
   */
  default void layer(int layer) {}

  /**
   * Between the layers of a segment of a streamed document, where it takes long: cancel here, too.
   */
  default void betweenLayers() {}

  /**
   * A packed pass or a streamed document is done, and its attention, projections aside, took so
   * long.
   */
  default void attended(long nanos) {}
}
