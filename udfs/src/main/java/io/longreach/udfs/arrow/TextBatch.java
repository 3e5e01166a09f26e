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
  private final List<TokenizedRow<T>> rows = new ArrayList<>();
  private long tokenCount;
  private long byteCount;

  TextBatch(BufferAllocator allocator) {
    this.text = new LargeVarCharVector("text", allocator);
    this.text.allocateNew();
    this.root = VectorSchemaRoot.of(text);
  }

  void add(TokenizedRow<T> row) {
    if (row.utf8() == null) {
      text.setNull(rows.size());
    } else {
      text.setSafe(rows.size(), row.utf8());
    }
    byteCount += row.bytes();
    tokenCount += row.tokenCount();
    rows.add(row);
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
    return rows.get(index).row();
  }

  /** Why a row has failed, null if it has not. */
  String error(int index) {
    return rows.get(index).error();
  }

  /** UTF-8 bytes of a row's text. */
  long bytes(int index) {
    return rows.get(index).bytes();
  }

  /** Tokens of a row, null where it has failed. */
  Embedder.Tokens tokens(int index) {
    return rows.get(index).tokens();
  }

  boolean isFull(BatchLimits limits) {
    return tokenCount >= limits.tokens() || byteCount >= limits.bytes();
  }

  /** Whether a row may join; one that fits nowhere has a batch of its own. */
  boolean hasRoomFor(TokenizedRow<T> row, BatchLimits limits) {
    return rows.isEmpty()
        || (tokenCount + row.tokenCount() <= limits.tokens()
            && byteCount + row.bytes() <= limits.bytes());
  }

  @Override
  public void close() {
    root.close();
  }
}
