package io.longreach.udfs.sql.plan;

import io.longreach.udfs.sql.EmbedPass;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** The results of calls as rows, with what passed beside them: where that fits no Arrow column. */
final class RowResults extends CallResults<UnsafeRow, InternalRow> {
  private final UnsafeProjection output;
  private final JoinedRow joined = new JoinedRow();
  private ColumnarBatch finished;

  /**
   * @param schema a column for each call
   * @param output of a row that passed, joined with the results
   */
  RowResults(
      EmbedPass pass, StructType schema, UnsafeProjection output, BufferAllocator allocator) {
    super(pass, schema, allocator);
    this.output = output;
  }

  @Override
  public void finish(VectorSchemaRoot texts) {
    finished = new ColumnarBatch(finished(), texts.getRowCount());
  }

  @Override
  public InternalRow read(int row, UnsafeRow beside, long bytes) {
    return output.apply(joined.apply(beside, finished.getRow(row)));
  }
}
