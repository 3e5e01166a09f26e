package io.longreach.udfs.sql.plan;

import io.longreach.udfs.arrow.ResultBatch;
import io.longreach.udfs.sql.EmbedPass;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.arrow.ArrowWriter;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;
import org.apache.spark.sql.vectorized.ArrowColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** The results of calls in an Arrow record batch, read as rows with what passed beside it. */
final class RowResults implements ResultBatch<UnsafeRow, Object[], InternalRow> {
  private final EmbedPass pass;
  private final int calls;
  private final UnsafeProjection output;
  private final JoinedRow joined = new JoinedRow();
  private final VectorSchemaRoot root;
  private final ArrowWriter writer;
  private ColumnarBatch finished;

  /**
   * @param schema a column for each call
   * @param output of a row that passed, joined with the results
   */
  RowResults(
      EmbedPass pass, StructType schema, UnsafeProjection output, BufferAllocator allocator) {
    this.pass = pass;
    this.calls = schema.length();
    this.output = output;
    // No time stamps among the results: any zone will do. Large types: a batch may be one document.
    this.root =
        VectorSchemaRoot.create(ArrowUtils.toArrowSchema(schema, "UTC", true, true), allocator);
    try {
      this.writer = ArrowWriter.create(root);
    } catch (RuntimeException e) {
      root.close();
      throw e;
    }
  }

  @Override
  public void set(int row, Object[] values) {
    writer.write(new GenericInternalRow(values));
  }

  @Override
  public void setNull(int row) {
    set(row, new Object[calls]);
  }

  @Override
  public void setFailure(int row, long tokens, RuntimeException reason) {
    set(row, pass.failure(reason));
  }

  @Override
  public void finish(int rows) {
    writer.finish();
    ColumnVector[] columns = new ColumnVector[calls];
    for (int c = 0; c < calls; c++) {
      columns[c] = new ArrowColumnVector(root.getVector(c));
    }
    finished = new ColumnarBatch(columns, rows);
  }

  @Override
  public InternalRow row(int row, UnsafeRow beside, long bytes) {
    return output.apply(joined.apply(beside, finished.getRow(row)));
  }

  @Override
  public void close() {
    root.close();
  }
}
