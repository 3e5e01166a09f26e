package io.longreach.udfs.sql.plan;

import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.ColumnarRule;
import org.apache.spark.sql.execution.ColumnarToRowTransition;
import org.apache.spark.sql.execution.RowToColumnarTransition;
import org.apache.spark.sql.execution.SparkPlan;

/**
 * Takes out the conversions that Spark puts between an {@link EmbedBatchExec} and its child, which
 * it reads as it is, in rows or in columns, and notes for EXPLAIN what each gives.
 */
final class BatchTransitions extends ColumnarRule {

  @Override
  public Rule<SparkPlan> postColumnarTransitions() {
    return new Rule<>() {
      @Override
      public SparkPlan apply(SparkPlan plan) {
        noteOutputs(plan, false);
        return withoutConversions(plan);
      }
    };
  }

  private static SparkPlan withoutConversions(SparkPlan plan) {
    SparkPlan mapped = Trees.mapChildren(plan, BatchTransitions::withoutConversions);
    return mapped instanceof EmbedBatchExec batch && isConversion(batch.child())
        ? (SparkPlan) batch.withNewChildren(batch.child().children())
        : mapped;
  }

  private static boolean isConversion(SparkPlan plan) {
    return plan instanceof ColumnarToRowTransition || plan instanceof RowToColumnarTransition;
  }

  private static void noteOutputs(SparkPlan plan, boolean columnsWanted) {
    if (plan instanceof EmbedBatchExec batch) {
      batch.setTagValue(
          EmbedBatchExec.OUTPUT,
          columnsWanted && batch.supportsColumnar() ? "columnar output" : "row output");
    }
    boolean takesColumns =
        plan instanceof ColumnarToRowTransition
            || (plan.supportsColumnar() && !(plan instanceof RowToColumnarTransition));
    Trees.list(plan.children()).forEach(child -> noteOutputs(child, takesColumns));
  }
}
