package io.longreach.udfs.arrow;

import io.longreach.encoders.Embedder;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Texts on their way to the encoder: an Arrow record batch of one column {@code text}
 * (LargeUtf8), null where the row has failed, with the tokens of each beside it.
 */
final class TextBatch<T> implements AutoCloseable {
  private final LargeVarCharVector text;
  private final VectorSchemaRoot root;
  private final Embedder embedder;
  private final List<TextRow<T>> rows = new ArrayList<>();
  private final List<Embedder.Tokens> tokens = new ArrayList<>();
  private long tokenCount;
  private long byteCount;

  TextBatch(BufferAllocator allocator, Embedder embedder) {
    this.embedder = embedder;
    this.text = new LargeVarCharVector("text", allocator);
    this.text.allocateNew();
    this.root = VectorSchemaRoot.of(text);
  }

  /** Adds a row: checks, decodes and tokenizes its text; what fails is noted in the row. */
  void add(TextRow<T> row) {
    int index = rows.size();
    Embedder.Tokens ids = null;
    TextRow<T> kept = row;
    try {
      ids = row.error() == null ? tokenize(row) : null;
    } catch (IllegalArgumentException e) {
      kept = new TextRow<>(row.row(), row.utf8(), e.getMessage());
    }
    if (ids == null) {
      text.setNull(index);
    } else {
      text.setSafe(index, row.utf8());
      tokenCount += ids.ids().length;
      byteCount += row.utf8().length;
    }
    // The bytes live in the vector now; only their number is needed here.
    rows.add(kept);
    tokens.add(ids);
  }

  private Embedder.Tokens tokenize(TextRow<T> row) {
    if (row.utf8() == null) {
      throw new IllegalArgumentException("text is null");
    }
    return embedder.tokenize(Texts.decode(row.utf8()));
  }

  /** Completes the record batch. */
  VectorSchemaRoot finish() {
    text.setValueCount(rows.size());
    root.setRowCount(rows.size());
    return root;
  }

  List<TextRow<T>> rows() {
    return rows;
  }

  /** Tokens of each row, null where it has failed. */
  List<Embedder.Tokens> tokens() {
    return tokens;
  }

  boolean isFull(BatchLimits limits) {
    return tokenCount >= limits.tokens() || byteCount >= limits.bytes();
  }

  /** Whether a row of these bytes should wait for the next batch. */
  boolean wouldOverflow(TextRow<T> row, BatchLimits limits) {
    long bytes = row.utf8() == null ? 0 : row.utf8().length;
    return !rows.isEmpty() && byteCount + bytes > limits.bytes();
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  @Override
  public void close() {
    root.close();
  }
}
