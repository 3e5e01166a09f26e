package io.longreach.udfs.map;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.arrow.ArrowWriter;

/** Rows as Arrow batches of bounded size; each is closed when the next is asked for. */
final class RowBatches implements Iterator<VectorSchemaRoot>, AutoCloseable {
  private final Iterator<InternalRow> rows;
  private final Schema schema;
  private final BatchBounds bounds;
  private final BufferAllocator allocator;
  private VectorSchemaRoot batch;

  RowBatches(
      Iterator<InternalRow> rows, Schema schema, BatchBounds bounds, BufferAllocator allocator) {
    this.rows = rows;
    this.schema = schema;
    this.bounds = bounds;
    this.allocator = allocator;
  }

  @Override
  public boolean hasNext() {
    return rows.hasNext();
  }

  @Override
  public VectorSchemaRoot next() {
    if (!rows.hasNext()) {
      throw new NoSuchElementException();
    }
    close();
    batch = VectorSchemaRoot.create(schema, allocator);
    ArrowWriter writer = ArrowWriter.create(batch);
    long bytes = 0;
    int count = 0;
    do {
      InternalRow row = rows.next();
      writer.write(row);
      count++;
      bytes =
          row instanceof UnsafeRow unsafe ? bytes + unsafe.getSizeInBytes() : writer.sizeInBytes();
    } while (count < bounds.rows() && bytes < bounds.bytes() && rows.hasNext());
    writer.finish();
    return batch;
  }

  @Override
  public void close() {
    if (batch != null) {
      batch.close();
      batch = null;
    }
  }
}
