package io.longreach.udfs.arrow;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * A task's rows through the encoder: rows become an Arrow batch bounded by tokens and bytes, the
 * batch is encoded in one packed forward pass, its results come back as an Arrow batch and leave as
 * rows in their order, or as they are. The job and the SQL functions both go this way.
 *
 * <p>A row's failure is its own, and its result does not depend on its batch. Rows of one batch
 * with the same text are encoded once.
 *
 * <p>Must be closed; a failure of its input, its memory or the JVM ends and closes it. Its buffers
 * are its own child allocator's, and closing that fails loudly on a leak.
 *
 * @param <T> what travels beside a text
 * @param <V> what is kept of a document
 * @param <R> what leaves: a finished row, or a finished batch
 */
public class BatchStream<T, V, R> implements Iterator<R>, AutoCloseable {
  private final Iterator<TextRow<T>> rows;
  private final DocumentWork<V> work;
  private final Function<BufferAllocator, ResultBatch<T, V, R>> results;
  private final BatchLimits limits;
  private final WorkCounts counts;
  private final BufferAllocator allocator;
  private TokenizedRow<T> waiting;
  private TextBatch<T> input;
  private ResultBatch<T, V, R> output;
  private int next;
  private boolean closed;

  public BatchStream(
      Iterator<TextRow<T>> rows,
      DocumentWork<V> work,
      Function<BufferAllocator, ResultBatch<T, V, R>> results,
      BatchLimits limits,
      WorkCounts counts,
      BufferAllocator parent) {
    this.rows = rows;
    this.work = work;
    this.results = results;
    this.limits = limits;
    this.counts = counts;
    this.allocator = parent.newChildAllocator("longreach-embedding", 0, Long.MAX_VALUE);
  }

  /** Leaves what was read last as it is, but at the end. */
  @Override
  public final boolean hasNext() {
    if (closed) {
      return false;
    }
    if (isOpen() || waiting != null || hasRows()) {
      return true;
    }
    closeBatch();
    return false;
  }

  private boolean isOpen() {
    return input != null && next < output.reads(input.size());
  }

  private boolean hasRows() {
    try {
      return rows.hasNext();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  @Override
  public final R next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    if (!isOpen()) {
      closeBatch();
      openBatch();
    }
    R read = output.read(next, input.beside(next), input.bytes(next));
    next++;
    return read;
  }

  private void openBatch() {
    try {
      input = new TextBatch<>(allocator);
      output = results.apply(allocator);
      VectorSchemaRoot texts = fill();
      embedAll();
      output.finish(texts);
      counts.batch();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
    next = 0;
  }

  private VectorSchemaRoot fill() {
    while (!input.isFull(limits) && (waiting != null || rows.hasNext())) {
      if (waiting == null) {
        waiting = tokenize(rows.next());
      }
      if (!input.hasRoomFor(waiting, limits)) {
        break;
      }
      input.add(waiting, output.pass(waiting.source().row()));
      waiting = null;
    }
    return input.finish();
  }

  private TokenizedRow<T> tokenize(TextRow<T> row) {
    TaskMemory.endIfKilled();
    long start = System.nanoTime();
    TokenizedRow<T> tokenized = TokenizedRow.of(row, work);
    counts.tokenized(System.nanoTime() - start);
    return tokenized;
  }

  private void embedAll() {
    int[] documentOf = new int[input.size()];
    List<Document> documents = input.documents(documentOf);
    List<DocumentPass.Outcome<V>> outcomes = new DocumentPass<>(work, counts).run(documents);
    for (int row = 0; row < documentOf.length; row++) {
      RuntimeException failure = input.failure(row);
      if (documentOf[row] >= 0) {
        DocumentPass.Outcome<V> outcome = outcomes.get(documentOf[row]);
        failure = outcome.failure();
        if (failure == null) {
          output.set(row, outcome.value());
        }
      }
      if (failure != null) {
        output.setFailure(
            row, input.tokens(row) == null ? 0 : input.tokens(row).ids().length, failure);
      } else if (documentOf[row] < 0) {
        output.setNull(row);
      }
    }
  }

  /** Most Arrow memory that was held at a time. */
  public final long peakBytes() {
    return allocator.getPeakMemoryAllocation();
  }

  private void closeBatch() {
    try (TextBatch<T> texts = input;
        ResultBatch<T, V, R> finished = output) {
      input = null;
      output = null;
    }
  }

  /**
   * Frees the buffers.
   *
   * @throws IllegalStateException if any were leaked
   */
  @Override
  public final void close() {
    if (!closed) {
      closed = true;
      closeBatch();
      allocator.close();
    }
  }
}
