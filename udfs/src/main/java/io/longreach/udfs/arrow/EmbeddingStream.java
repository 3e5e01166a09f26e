package io.longreach.udfs.arrow;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.Embedding;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.arrow.memory.BufferAllocator;

/**
 * A task's rows through the encoder: rows become an Arrow batch bounded by tokens and bytes, the
 * batch is embedded in one packed forward pass, its results come back as an Arrow batch and leave
 * as rows in their order.
 *
 * <p>A row that cannot be embedded comes out with its reason; a batch that fails as a whole is
 * repeated row by row, so that one document never takes others with it. A row's result does not
 * depend on its batch.
 *
 * <p>Must be closed; a failure of its input, its memory or the JVM ends and closes it. Its buffers
 * are its own child allocator's, and closing that fails loudly on a leak.
 */
public final class EmbeddingStream<T> implements Iterator<EmbeddedRow<T>>, AutoCloseable {
  private final Iterator<TextRow<T>> rows;
  private final Embedder embedder;
  private final BatchLimits limits;
  private final BufferAllocator allocator;
  private TokenizedRow<T> waiting;
  private TextBatch<T> input;
  private EmbeddingBatch output;
  private int next;
  private boolean closed;

  public EmbeddingStream(
      Iterator<TextRow<T>> rows, Embedder embedder, BatchLimits limits, BufferAllocator parent) {
    this.rows = rows;
    this.embedder = embedder;
    this.limits = limits;
    this.allocator = parent.newChildAllocator("longreach-embedding", 0, Long.MAX_VALUE);
  }

  @Override
  public boolean hasNext() {
    if (closed) {
      return false;
    }
    if (input != null && next < input.size()) {
      return true;
    }
    closeBatch();
    return nextBatch();
  }

  @Override
  public EmbeddedRow<T> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    EmbeddedRow<T> row = output.row(next, input.row(next), input.bytes(next));
    next++;
    return row;
  }

  private boolean nextBatch() {
    if (waiting == null && !rows.hasNext()) {
      return false;
    }
    try {
      input = new TextBatch<>(allocator);
      fill();
      output = new EmbeddingBatch(allocator);
      embedAll();
      output.finish(input.size());
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
    next = 0;
    return true;
  }

  private void fill() {
    while (!input.isFull(limits) && (waiting != null || rows.hasNext())) {
      if (waiting == null) {
        waiting = TokenizedRow.of(rows.next(), embedder);
      }
      if (!input.hasRoomFor(waiting, limits)) {
        break;
      }
      input.add(waiting);
      waiting = null;
    }
    input.finish();
  }

  private void embedAll() {
    List<Integer> good = new ArrayList<>();
    List<Embedder.Tokens> tokens = new ArrayList<>();
    for (int i = 0; i < input.size(); i++) {
      if (input.tokens(i) != null) {
        good.add(i);
        tokens.add(input.tokens(i));
      }
    }
    List<Object> results = tokens.isEmpty() ? List.of() : embed(tokens);
    for (int i = 0, done = 0; i < input.size(); i++) {
      if (done == good.size() || good.get(done) != i) {
        output.setError(i, 0, input.error(i));
      } else {
        set(i, tokens.get(done).ids().length, results.get(done));
        done++;
      }
    }
  }

  private void set(int row, int tokens, Object result) {
    if (result instanceof Embedding embedding) {
      output.set(row, embedding, embedder.pattern((int) embedding.tokensUsed()));
    } else {
      output.setError(row, tokens, (String) result);
    }
  }

  /** An {@link Embedding}, or the reason why there is none, for each document. */
  private List<Object> embed(List<Embedder.Tokens> batch) {
    try {
      return new ArrayList<>(embedder.embed(batch));
    } catch (RuntimeException | OutOfMemoryError e) {
      List<Object> alone = new ArrayList<>();
      for (Embedder.Tokens tokens : batch) {
        alone.add(embedAlone(tokens));
      }
      return alone;
    }
  }

  private Object embedAlone(Embedder.Tokens tokens) {
    try {
      return embedder.embed(List.of(tokens)).get(0);
    } catch (RuntimeException e) {
      return Texts.reason(e);
    } catch (OutOfMemoryError e) {
      return "out of memory at "
          + tokens.ids().length
          + " tokens: give the executor more memory or set a maximum of tokens";
    }
  }

  private void closeBatch() {
    try (TextBatch<T> texts = input;
        EmbeddingBatch embeddings = output) {
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
  public void close() {
    if (!closed) {
      closed = true;
      closeBatch();
      allocator.close();
    }
  }
}
