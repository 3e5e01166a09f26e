package io.longreach.udfs.sql.plan;

import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.ColumnarRule;
import org.apache.spark.sql.execution.ColumnarToRowExec;
import org.apache.spark.sql.execution.ColumnarToRowTransition;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.internal.SQLConf;

/**
 * Puts Spark's conversion to rows above batches, where a setting wants it, so that they are read.
 */
final class ColumnsWanted extends ColumnarRule {
  static final String KEY = "spark.test.columnsWanted";

  @Override
  public Rule<SparkPlan> postColumnarTransitions() {
    return new Rule<>() {
      @Override
      public SparkPlan apply(SparkPlan plan) {
        return Boolean.parseBoolean(SQLConf.get().getConfString(KEY, "false"))
            ? convert(plan, false)
            : plan;
      }
    };
  }

  private static SparkPlan convert(SparkPlan plan, boolean takesColumns) {
    boolean parentTakes = plan instanceof ColumnarToRowTransition || plan instanceof EmbedBatchExec;
    SparkPlan mapped = Trees.mapChildren(plan, child -> convert(child, parentTakes));
    return mapped instanceof EmbedBatchExec batch && batch.supportsColumnar() && !takesColumns
        ? new ColumnarToRowExec(batch)
        : mapped;
  }
}
