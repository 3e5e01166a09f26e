package io.longreach.udfs.map;

import java.io.Serializable;
import java.util.Iterator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * A function over the Arrow batches of a partition: called once for each, also for an empty one.
 *
 * <p><b>Ownership.</b> A batch that comes in is valid until the next one is asked for. A batch that
 * is returned belongs to the caller, which closes it; it may be the one that came in. Whatever else
 * the function allocates it must close, or the task fails at its end. An iterator that is {@link
 * AutoCloseable} is closed with the task, also if not all of it was read.
 */
@FunctionalInterface
public interface ArrowFunction extends Serializable {

  /** A function of one batch. */
  @FunctionalInterface
  interface OfBatch extends Serializable {
    /**
     * @param allocator what results are to be allocated from
     * @return rows of the declared schema, as many as it likes
     */
    VectorSchemaRoot apply(VectorSchemaRoot batch, BufferAllocator allocator);
  }

  /**
   * @param batches of bounded size, in the order of the rows
   * @param allocator what results are to be allocated from; closed with the task
   */
  Iterator<VectorSchemaRoot> apply(Iterator<VectorSchemaRoot> batches, BufferAllocator allocator);

  /** Maps each batch by itself. */
  static ArrowFunction each(OfBatch function) {
    return (batches, allocator) ->
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return batches.hasNext();
          }

          @Override
          public VectorSchemaRoot next() {
            return function.apply(batches.next(), allocator);
          }
        };
  }
}
