package io.longreach.udfs.sql.plan;

import io.longreach.udfs.sql.EmbedPass;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.ProjectingInternalRow;
import org.apache.spark.sql.execution.arrow.ArrowWriter;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ArrowColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.collection.immutable.Seq;

/**
 * The results of calls as Arrow columns, behind the columns that passed beside the texts. Those are
 * copied: a batch of texts is cut by tokens, and its input's vectors are overwritten by the next.
 * Where the text passes, it is the batch's own column of texts.
 */
final class ColumnResults extends CallResults<InternalRow, ColumnarBatch> {

  /**
   * What passes of a row.
   *
   * @param schema of the columns that are copied
   * @param ordinals where a row has them
   * @param texts places of the text among all columns that pass, in ascending order
   */
  record Passed(StructType schema, Seq<Object> ordinals, List<Integer> texts) {}

  private final Passed passed;
  private final VectorSchemaRoot root;
  private final ArrowWriter writer;
  private final ProjectingInternalRow row;
  private long bytes;
  private ColumnarBatch finished;

  /**
   * @param schema a column for each call
   */
  ColumnResults(EmbedPass pass, StructType schema, Passed passed, BufferAllocator allocator) {
    super(pass, schema, allocator);
    this.passed = passed;
    this.row = ProjectingInternalRow.apply(passed.schema(), passed.ordinals());
    try {
      this.root = newRoot(passed.schema(), allocator);
      this.writer = newWriter(root);
    } catch (RuntimeException e) {
      super.close();
      throw e;
    }
  }

  @Override
  public long pass(InternalRow beside) {
    row.project(beside);
    writer.write(row);
    long before = bytes;
    bytes = writer.sizeInBytes();
    return bytes - before;
  }

  @Override
  public void finish(VectorSchemaRoot texts) {
    writer.finish();
    root.setRowCount(texts.getRowCount());
    List<ColumnVector> columns = new ArrayList<>(List.of(columns(root)));
    for (int place : passed.texts()) {
      columns.add(place, new ArrowColumnVector(texts.getVector(0)));
    }
    Collections.addAll(columns, finished());
    finished = new ColumnarBatch(columns.toArray(ColumnVector[]::new), texts.getRowCount());
  }

  @Override
  public int reads(int rows) {
    return 1;
  }

  @Override
  public ColumnarBatch read(int row, InternalRow beside, long bytes) {
    return finished;
  }

  @Override
  public void close() {
    try (root) {
      super.close();
    }
  }
}
