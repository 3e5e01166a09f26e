package io.longreach.udfs.arrow;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.Embedding;
import io.longreach.encoders.HiddenStates;
import java.util.Iterator;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The batches of the job: of each row the embedding that the embedder's options ask for. A row that
 * cannot be embedded comes out with its reason.
 */
public final class EmbeddingStream<T>
    extends BatchStream<T, EmbeddingStream.Embedded, EmbeddedRow<T>> {

  /** An embedding and the pattern it was computed with. */
  record Embedded(Embedding embedding, String pattern) {}

  private record Work(Embedder embedder) implements DocumentWork<Embedded> {
    @Override
    public Embedded value(Document document, HiddenStates states) {
      return new Embedded(
          new Embedding(
              embedder.vector(states, 0, states.tokensUsed()),
              states.tokens(),
              states.tokensUsed(),
              states.warnings()),
          states.pattern());
    }
  }

  public EmbeddingStream(
      Iterator<TextRow<T>> rows, Embedder embedder, BatchLimits limits, BufferAllocator parent) {
    super(rows, new Work(embedder), EmbeddingBatch::new, limits, WorkCounts.NONE, parent);
  }
}
