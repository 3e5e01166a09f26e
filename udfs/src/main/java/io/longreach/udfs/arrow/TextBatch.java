package io.longreach.udfs.arrow;

import io.longreach.encoders.Embedder;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Texts on their way to the encoder: an Arrow record batch of one column {@code text} (LargeUtf8),
 * with the tokens or the failure of each row beside it.
 */
final class TextBatch<T> implements AutoCloseable {
  private final LargeVarCharVector text;
  private final VectorSchemaRoot root;
  private final Embedder embedder;
  private final List<T> rows = new ArrayList<>();
  private final List<String> errors = new ArrayList<>();
  private final List<Embedder.Tokens> tokens = new ArrayList<>();
  private long tokenCount;
  private long byteCount;

  TextBatch(BufferAllocator allocator, Embedder embedder) {
    this.embedder = embedder;
    this.text = new LargeVarCharVector("text", allocator);
    this.text.allocateNew();
    this.root = VectorSchemaRoot.of(text);
  }

  /** Adds a row: checks, decodes and tokenizes its text; what fails is noted with its reason. */
  void add(TextRow<T> row) {
    int index = rows.size();
    Embedder.Tokens ids = null;
    String error = row.error();
    try {
      ids = error == null ? tokenize(row) : null;
    } catch (IllegalArgumentException e) {
      error = e.getMessage();
    }
    if (row.utf8() == null) {
      text.setNull(index);
    } else {
      text.setSafe(index, row.utf8());
      byteCount += row.utf8().length;
    }
    tokenCount += ids == null ? 0 : ids.ids().length;
    rows.add(row.row());
    errors.add(error);
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

  int size() {
    return rows.size();
  }

  T row(int index) {
    return rows.get(index);
  }

  /** Why a row has failed, null if it has not. */
  String error(int index) {
    return errors.get(index);
  }

  /** UTF-8 bytes of a row's text. */
  long bytes(int index) {
    return text.isNull(index) ? 0 : text.getValueLength(index);
  }

  /** Tokens of a row, null where it has failed. */
  Embedder.Tokens tokens(int index) {
    return tokens.get(index);
  }

  boolean isFull(BatchLimits limits) {
    return tokenCount >= limits.tokens() || byteCount >= limits.bytes();
  }

  /** Whether a row of these bytes should wait for the next batch. */
  boolean wouldOverflow(TextRow<T> row, BatchLimits limits) {
    long bytes = row.utf8() == null ? 0 : row.utf8().length;
    return !rows.isEmpty() && byteCount + bytes > limits.bytes();
  }

  @Override
  public void close() {
    root.close();
  }
}
