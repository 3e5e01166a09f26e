package io.longreach.udfs.map;

import io.longreach.udfs.arrow.TaskMemory;
import java.util.Iterator;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;

/** What travels to a task: the function and two schemas, never the plan. */
final class ArrowTask implements FlatMapFunction<Iterator<InternalRow>, InternalRow> {
  private static final long serialVersionUID = 1L;

  private final ArrowFunction function;
  private final StructType inputSchema;
  private final StructType outputSchema;
  private final String timeZone;
  private final BatchBounds bounds;

  ArrowTask(
      ArrowFunction function,
      StructType inputSchema,
      StructType outputSchema,
      String timeZone,
      BatchBounds bounds) {
    this.function = function;
    this.inputSchema = inputSchema;
    this.outputSchema = outputSchema;
    this.timeZone = timeZone;
    this.bounds = bounds;
  }

  @Override
  public Iterator<InternalRow> call(Iterator<InternalRow> rows) {
    MappedRows mapped =
        new MappedRows(
            rows,
            ArrowUtils.toArrowSchema(inputSchema, timeZone, true, false),
            outputSchema,
            bounds,
            function);
    TaskMemory.closeWithTask(mapped);
    return mapped;
  }
}
