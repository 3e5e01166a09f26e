package io.longreach.udfs.sql.plan;

import io.longreach.udfs.arrow.BatchLimits;
import io.longreach.udfs.arrow.BatchStream;
import io.longreach.udfs.arrow.TaskMemory;
import io.longreach.udfs.arrow.TextRow;
import io.longreach.udfs.sql.DocumentValue;
import io.longreach.udfs.sql.EmbedCall;
import io.longreach.udfs.sql.EmbedPass;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** A node's work in one task; travels to executors without the plan. */
final class EmbedBatchTask implements FlatMapFunction<Iterator<InternalRow>, InternalRow> {
  private static final long serialVersionUID = 1L;

  /** Of a row that waits, beside its own bytes: objects, and its places in the batch. */
  private static final int ROW_OVERHEAD_BYTES = 128;

  private final ArrayList<EmbedCall> calls;
  private final ArrayList<Attribute> input;
  private final ArrayList<Attribute> passed;
  private final int textOrdinal;
  private final BatchLimits limits;
  private final BatchMetrics metrics;

  EmbedBatchTask(
      List<EmbedCall> calls,
      List<Attribute> input,
      List<Attribute> passed,
      int textOrdinal,
      BatchLimits limits,
      BatchMetrics metrics) {
    this.calls = new ArrayList<>(calls);
    this.input = new ArrayList<>(input);
    this.passed = new ArrayList<>(passed);
    this.textOrdinal = textOrdinal;
    this.limits = limits;
    this.metrics = metrics;
  }

  @Override
  public Iterator<InternalRow> call(Iterator<InternalRow> rows) {
    EmbedPass pass = new EmbedPass(calls);
    StructType schema = new StructType();
    List<DataType> types = new ArrayList<>();
    passed.forEach(attribute -> types.add(attribute.dataType()));
    for (EmbedCall call : calls) {
      schema = schema.add("result" + schema.length(), call.dataType(), true);
      types.add(call.dataType());
    }
    StructType results = schema;
    UnsafeProjection output = UnsafeProjection.create(types.toArray(DataType[]::new));
    BatchStream<UnsafeRow, Object[], InternalRow> stream =
        new BatchStream<>(
            new TextRows(
                rows,
                textOrdinal,
                input.get(textOrdinal).dataType(),
                UnsafeProjection.create(Trees.seq(passed), Trees.seq(input))),
            pass,
            allocator -> new RowResults(pass, results, output, allocator),
            limits,
            metrics,
            TaskMemory.allocator());
    TaskMemory.closeWithTask(
        () -> {
          metrics.finish(stream.peakBytes());
          stream.close();
        });
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return stream.hasNext();
      }

      @Override
      public InternalRow next() {
        metrics.row();
        return stream.next();
      }
    };
  }

  /** Rows as the batch keeps them: copied, as Spark's own are overwritten by the next. */
  private record TextRows(
      Iterator<InternalRow> rows, int textOrdinal, DataType textType, UnsafeProjection passed)
      implements Iterator<TextRow<UnsafeRow>> {
    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public TextRow<UnsafeRow> next() {
      InternalRow row = rows.next();
      DocumentValue document =
          DocumentValue.of(row.isNullAt(textOrdinal) ? null : row.get(textOrdinal, textType));
      UnsafeRow beside = passed.apply(row).copy();
      return new TextRow<>(
          beside,
          document.utf8(),
          null,
          beside.getSizeInBytes() + ROW_OVERHEAD_BYTES,
          document.globalTokens());
    }
  }

  /** The same over a columnar child: texts are read out of its vectors, without rows between. */
  static final class Columnar implements FlatMapFunction<Iterator<ColumnarBatch>, InternalRow> {
    private static final long serialVersionUID = 1L;

    private final EmbedBatchTask task;

    Columnar(EmbedBatchTask task) {
      this.task = task;
    }

    @Override
    public Iterator<InternalRow> call(Iterator<ColumnarBatch> batches) {
      return task.call(new BatchRows(batches));
    }
  }

  private static final class BatchRows implements Iterator<InternalRow> {
    private final Iterator<ColumnarBatch> batches;
    private ColumnarBatch batch;
    private int next;

    BatchRows(Iterator<ColumnarBatch> batches) {
      this.batches = batches;
    }

    @Override
    public boolean hasNext() {
      while ((batch == null || next == batch.numRows()) && batches.hasNext()) {
        batch = batches.next();
        next = 0;
      }
      return batch != null && next < batch.numRows();
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new java.util.NoSuchElementException();
      }
      return batch.getRow(next++);
    }
  }
}
