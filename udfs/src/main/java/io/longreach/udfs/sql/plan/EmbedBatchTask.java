package io.longreach.udfs.sql.plan;

import io.longreach.udfs.arrow.BatchLimits;
import io.longreach.udfs.arrow.BatchStream;
import io.longreach.udfs.arrow.TaskMemory;
import io.longreach.udfs.arrow.TextRow;
import io.longreach.udfs.sql.DocumentValue;
import io.longreach.udfs.sql.EmbedCall;
import io.longreach.udfs.sql.EmbedPass;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** A node's work in one task; travels to executors without the plan. */
final class EmbedBatchTask implements Serializable {
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

  /** Results as batches of columns, each valid until the next is asked for. */
  Iterator<ColumnarBatch> columns(Iterator<InternalRow> rows) {
    EmbedPass pass = new EmbedPass(calls);
    StructType results = results();
    ColumnResults.Passed columns = passedColumns();
    BatchStream<InternalRow, Object[], ColumnarBatch> stream =
        new BatchStream<>(
            new TextRows<>(rows, textOrdinal, textType(), row -> row, kept -> 0),
            pass,
            allocator -> new ColumnResults(pass, results, columns, allocator),
            limits,
            metrics,
            TaskMemory.allocator());
    return counted(stream, ColumnarBatch::numRows);
  }

  /** Results as rows, each valid until the next is asked for. */
  Iterator<InternalRow> rows(Iterator<InternalRow> rows) {
    EmbedPass pass = new EmbedPass(calls);
    StructType results = results();
    UnsafeProjection output = UnsafeProjection.create(outputTypes());
    UnsafeProjection beside = UnsafeProjection.create(Trees.seq(passed), Trees.seq(input));
    BatchStream<UnsafeRow, Object[], InternalRow> stream =
        new BatchStream<>(
            new TextRows<>(
                rows,
                textOrdinal,
                textType(),
                row -> beside.apply(row).copy(),
                UnsafeRow::getSizeInBytes),
            pass,
            allocator -> new RowResults(pass, results, output, allocator),
            limits,
            metrics,
            TaskMemory.allocator());
    return counted(stream, row -> 1);
  }

  private DataType textType() {
    return input.get(textOrdinal).dataType();
  }

  private StructType results() {
    StructType schema = new StructType();
    for (EmbedCall call : calls) {
      schema = schema.add("result" + schema.length(), call.dataType(), true);
    }
    return schema;
  }

  private DataType[] outputTypes() {
    List<DataType> types = new ArrayList<>();
    passed.forEach(attribute -> types.add(attribute.dataType()));
    calls.forEach(call -> types.add(call.dataType()));
    return types.toArray(DataType[]::new);
  }

  private ColumnResults.Passed passedColumns() {
    StructType schema = new StructType();
    List<Object> ordinals = new ArrayList<>();
    List<Integer> texts = new ArrayList<>();
    for (int place = 0; place < passed.size(); place++) {
      int ordinal = Trees.ordinal(passed.get(place), input);
      if (ordinal == textOrdinal && textType() instanceof StringType) {
        texts.add(place);
      } else {
        schema = schema.add("passed" + place, passed.get(place).dataType(), true);
        ordinals.add(ordinal);
      }
    }
    return new ColumnResults.Passed(schema, Trees.seq(ordinals), texts);
  }

  private <T, R> Iterator<R> counted(BatchStream<T, Object[], R> stream, ToLongFunction<R> rows) {
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
      public R next() {
        R read = stream.next();
        metrics.rows(rows.applyAsLong(read));
        return read;
      }
    };
  }

  /**
   * Rows as the batch keeps them.
   *
   * @param beside what it keeps beside the text: a copy, as Spark's own rows are overwritten by the
   *     next, or the row itself where it is read before that
   * @param bytes that it keeps
   */
  private record TextRows<T>(
      Iterator<InternalRow> rows,
      int textOrdinal,
      DataType textType,
      Function<InternalRow, T> beside,
      ToLongFunction<T> bytes)
      implements Iterator<TextRow<T>> {
    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public TextRow<T> next() {
      InternalRow row = rows.next();
      DocumentValue document =
          DocumentValue.of(
              row.isNullAt(textOrdinal) ? null : row.get(textOrdinal, textType), textType);
      T kept = beside.apply(row);
      return document.row(kept, bytes.applyAsLong(kept) + ROW_OVERHEAD_BYTES);
    }
  }
}
