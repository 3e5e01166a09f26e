package io.longreach.udfs.arrow;

import io.longreach.encoders.Embedder;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.ArrowBufPointer;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Texts on their way to the encoder: an Arrow record batch of one column {@code text} (LargeUtf8),
 * with the tokens or the failure of each row beside it.
 */
final class TextBatch<T> implements AutoCloseable {
  private final LargeVarCharVector text;
  private final VectorSchemaRoot root;
  private final List<Entry<T>> rows = new ArrayList<>();
  private long tokenCount;
  private long byteCount;

  /** A row without its text, which is in the column. */
  private record Entry<T>(
      T beside, long bytes, Embedder.Tokens tokens, IntBuffer spans, RuntimeException failure) {}

  /** Equal for rows that are one document. */
  private record Same(ArrowBufPointer text, IntBuffer globalTokens, IntBuffer spans) {}

  TextBatch(BufferAllocator allocator) {
    this.text = new LargeVarCharVector("text", allocator);
    this.text.allocateNew();
    this.root = VectorSchemaRoot.of(text);
  }

  /**
   * @param bytesPassed that the row takes in the batch of results
   */
  void add(TokenizedRow<T> row, long bytesPassed) {
    if (row.utf8() == null) {
      text.setNull(rows.size());
    } else {
      text.setSafe(rows.size(), row.utf8());
    }
    byteCount += row.bytesInBatch() + bytesPassed;
    tokenCount += row.tokenCount();
    rows.add(
        new Entry<>(
            row.source().row(), row.bytes(), row.tokens(), row.source().spans(), row.failure()));
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

  /** What travels beside a row's text. */
  T beside(int index) {
    return rows.get(index).beside();
  }

  /** Why a row has failed, null if it has not. */
  RuntimeException failure(int index) {
    return rows.get(index).failure();
  }

  /** UTF-8 bytes of a row's text. */
  long bytes(int index) {
    return rows.get(index).bytes();
  }

  /** Tokens of a row, null where there is no text or it has failed. */
  Embedder.Tokens tokens(int index) {
    return rows.get(index).tokens();
  }

  private String text(int index) {
    return new String(text.get(index), StandardCharsets.UTF_8);
  }

  /**
   * The documents of a complete batch, each once however many rows have its text, its global tokens
   * and its spans.
   *
   * @param documentOf filled with the place of each row's document, -1 where it has none
   */
  List<Document> documents(int[] documentOf) {
    List<Document> documents = new ArrayList<>();
    Map<Same, Integer> known = new HashMap<>();
    for (int row = 0; row < documentOf.length; row++) {
      int index = row;
      Embedder.Tokens tokens = tokens(row);
      Integer document = -1;
      if (tokens != null) {
        document = known.putIfAbsent(same(row, tokens), documents.size());
        if (document == null) {
          document = documents.size();
          documents.add(new Document(() -> text(index), tokens, rows.get(row).spans()));
        }
      }
      documentOf[row] = document;
    }
    return documents;
  }

  private Same same(int row, Embedder.Tokens tokens) {
    int[] own = tokens.globalTokens();
    return new Same(
        text.getDataPointer(row), own == null ? null : IntBuffer.wrap(own), rows.get(row).spans());
  }

  boolean isFull(BatchLimits limits) {
    return tokenCount >= limits.tokens() || byteCount >= limits.bytes();
  }

  /** Whether a row may join; one that fits nowhere has a batch of its own. */
  boolean hasRoomFor(TokenizedRow<T> row, BatchLimits limits) {
    return rows.isEmpty()
        || (tokenCount + row.tokenCount() <= limits.tokens()
            && byteCount + row.bytesInBatch() <= limits.bytes());
  }

  @Override
  public void close() {
    root.close();
  }
}
