package io.longreach.udfs.arrow;

import io.longreach.encoders.Embedding;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.types.Types.MinorType;
import org.apache.arrow.vector.types.pojo.FieldType;

/**
 * Results on their way back: an Arrow record batch with the columns {@code embedding} (List of
 * Float32), {@code tokens}, {@code tokens_used}, {@code pattern} and {@code error}.
 */
final class EmbeddingBatch<T> implements ResultBatch<T, EmbeddingStream.Embedded, EmbeddedRow<T>> {
  private final ListVector embedding;
  private final BigIntVector tokens;
  private final BigIntVector tokensUsed;
  private final VarCharVector pattern;
  private final VarCharVector error;
  private final VectorSchemaRoot root;

  EmbeddingBatch(BufferAllocator allocator) {
    embedding = ListVector.empty("embedding", allocator);
    embedding.addOrGetVector(FieldType.notNullable(MinorType.FLOAT4.getType()));
    tokens = new BigIntVector("tokens", allocator);
    tokensUsed = new BigIntVector("tokens_used", allocator);
    pattern = new VarCharVector("pattern", allocator);
    error = new VarCharVector("error", allocator);
    List<FieldVector> columns = List.of(embedding, tokens, tokensUsed, pattern, error);
    root = new VectorSchemaRoot(columns);
    try {
      root.allocateNew();
    } catch (RuntimeException e) {
      root.close();
      throw e;
    }
  }

  void set(int row, Embedding result, String usedPattern) {
    Float4Vector values = (Float4Vector) embedding.getDataVector();
    int at = embedding.startNewValue(row);
    for (int i = 0; i < result.vector().length; i++) {
      values.setSafe(at + i, result.vector()[i]);
    }
    embedding.endValue(row, result.vector().length);
    tokens.setSafe(row, result.tokens());
    tokensUsed.setSafe(row, result.tokensUsed());
    pattern.setSafe(row, usedPattern.getBytes(StandardCharsets.UTF_8));
    error.setNull(row);
  }

  void setError(int row, long tokenCount, String reason) {
    embedding.setNull(row);
    tokens.setSafe(row, tokenCount);
    tokensUsed.setSafe(row, 0);
    pattern.setNull(row);
    error.setSafe(row, reason.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void set(int row, EmbeddingStream.Embedded value) {
    set(row, value.embedding(), value.pattern());
  }

  @Override
  public void setNull(int row) {
    setError(row, 0, "text is null");
  }

  @Override
  public void setFailure(int row, long tokenCount, RuntimeException reason) {
    setError(row, tokenCount, Texts.reason(reason));
  }

  @Override
  public void finish(VectorSchemaRoot texts) {
    root.setRowCount(texts.getRowCount());
  }

  VectorSchemaRoot root() {
    return root;
  }

  @Override
  public EmbeddedRow<T> read(int row, T beside, long bytes) {
    if (!error.isNull(row)) {
      return new EmbeddedRow<>(beside, null, tokens.get(row), 0, null, bytes, text(error, row));
    }
    Float4Vector values = (Float4Vector) embedding.getDataVector();
    int start = embedding.getElementStartIndex(row);
    float[] vector = new float[embedding.getElementEndIndex(row) - start];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = values.get(start + i);
    }
    return new EmbeddedRow<>(
        beside, vector, tokens.get(row), tokensUsed.get(row), text(pattern, row), bytes, null);
  }

  private static String text(VarCharVector vector, int row) {
    return new String(vector.get(row), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    root.close();
  }
}
