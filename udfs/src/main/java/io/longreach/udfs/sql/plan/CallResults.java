package io.longreach.udfs.sql.plan;

import io.longreach.udfs.arrow.ResultBatch;
import io.longreach.udfs.sql.EmbedPass;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.execution.arrow.ArrowWriter;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;
import org.apache.spark.sql.vectorized.ArrowColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;

/**
 * The results of calls in an Arrow record batch.
 *
 * @param <T> what travels beside a text
 * @param <R> what leaves
 */
abstract class CallResults<T, R> implements ResultBatch<T, Object[], R> {
  private final EmbedPass pass;
  private final int calls;
  private final VectorSchemaRoot root;
  private final ArrowWriter writer;

  /**
   * @param schema a column for each call
   */
  CallResults(EmbedPass pass, StructType schema, BufferAllocator allocator) {
    this.pass = pass;
    this.calls = schema.length();
    this.root = newRoot(schema, allocator);
    this.writer = newWriter(root);
  }

  /** Large types: a batch may be one document. Values of time stamps are the same in any zone. */
  static VectorSchemaRoot newRoot(StructType schema, BufferAllocator allocator) {
    return VectorSchemaRoot.create(ArrowUtils.toArrowSchema(schema, "UTC", false, true), allocator);
  }

  static ArrowWriter newWriter(VectorSchemaRoot root) {
    try {
      return ArrowWriter.create(root);
    } catch (RuntimeException e) {
      root.close();
      throw e;
    }
  }

  static ColumnVector[] columns(VectorSchemaRoot root) {
    return root.getFieldVectors().stream().map(ArrowColumnVector::new).toArray(ColumnVector[]::new);
  }

  @Override
  public final void set(int row, Object[] values) {
    writer.write(new GenericInternalRow(values));
  }

  @Override
  public final void setNull(int row) {
    set(row, new Object[calls]);
  }

  @Override
  public final void setFailure(int row, long tokens, RuntimeException reason) {
    set(row, pass.failure(reason));
  }

  /** A column for each call, complete. */
  final ColumnVector[] finished() {
    writer.finish();
    return columns(root);
  }

  @Override
  public void close() {
    root.close();
  }
}
