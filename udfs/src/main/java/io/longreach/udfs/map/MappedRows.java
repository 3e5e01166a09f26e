package io.longreach.udfs.map;

import io.longreach.udfs.arrow.TaskMemory;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;
import org.apache.spark.sql.vectorized.ArrowColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * The rows of a partition through a function over Arrow batches. All memory is its own child
 * allocator's, and closing that fails loudly on a leak; a failure of its input or of the function
 * closes it.
 */
final class MappedRows implements Iterator<InternalRow>, AutoCloseable {
  private final StructType schema;
  private final BufferAllocator allocator;
  private final RowBatches input;
  private final Iterator<VectorSchemaRoot> output;
  private final UnsafeProjection projection;
  private VectorSchemaRoot batch;
  private Iterator<InternalRow> rows = List.<InternalRow>of().iterator();
  private boolean closed;

  MappedRows(
      Iterator<InternalRow> rows,
      Schema inputSchema,
      StructType schema,
      BatchBounds bounds,
      ArrowFunction function) {
    this.schema = schema;
    this.projection = UnsafeProjection.create(schema);
    this.allocator =
        TaskMemory.allocator().newChildAllocator("longreach-map-in-arrow", 0, Long.MAX_VALUE);
    this.input = new RowBatches(rows, inputSchema, bounds, allocator);
    try {
      this.output = function.apply(input, allocator);
    } catch (RuntimeException | Error e) {
      closeAfter(e, null);
      throw e;
    }
  }

  @Override
  public boolean hasNext() {
    if (closed) {
      return false;
    }
    try {
      while (!rows.hasNext()) {
        closeBatch();
        endIfKilled();
        if (!output.hasNext()) {
          close();
          return false;
        }
        open(output.next());
      }
      return true;
    } catch (RuntimeException | Error e) {
      closeAfter(e, output);
      throw e;
    }
  }

  @Override
  public InternalRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return projection.apply(rows.next());
  }

  /** Here, as a function may go on for ever without asking for another batch. */
  private static void endIfKilled() {
    TaskContext task = TaskContext.get();
    if (task != null) {
      task.killTaskIfInterrupted();
    }
  }

  private void open(VectorSchemaRoot result) {
    batch = result;
    requireSchema(result);
    ColumnVector[] columns = new ColumnVector[schema.length()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = new ArrowColumnVector(result.getVector(i));
    }
    rows = new ColumnarBatch(columns, result.getRowCount()).rowIterator();
  }

  private void requireSchema(VectorSchemaRoot result) {
    List<FieldVector> vectors = result.getFieldVectors();
    if (vectors.size() != schema.length()) {
      throw new IllegalArgumentException(
          String.format(
              "mapInArrow must return the %d columns that were declared, returned %d: change the"
                  + " schema or the function",
              schema.length(), vectors.size()));
    }
    for (int i = 0; i < vectors.size(); i++) {
      StructField declared = schema.fields()[i];
      DataType found = ArrowUtils.fromArrowField(vectors.get(i).getField());
      if (!DataType.equalsIgnoreNullability(declared.dataType(), found)) {
        throw new IllegalArgumentException(
            String.format(
                "mapInArrow must return column %d, %s, as %s, returned %s: change the schema or the"
                    + " function",
                i, declared.name(), declared.dataType().sql(), found.sql()));
      }
    }
  }

  private void closeBatch() {
    rows = List.<InternalRow>of().iterator();
    if (batch != null) {
      batch.close();
      batch = null;
    }
  }

  /** What went wrong first is what is told. */
  private void closeAfter(Throwable failure, Iterator<VectorSchemaRoot> results) {
    try {
      close(results);
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Frees the buffers.
   *
   * @throws IllegalStateException if the function has left any open
   */
  @Override
  public void close() {
    close(output);
  }

  private void close(Iterator<VectorSchemaRoot> results) {
    if (closed) {
      return;
    }
    closed = true;
    try {
      closeBatch();
      input.close();
      if (results instanceof AutoCloseable resource) {
        resource.close();
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      allocator.close();
    }
  }
}
