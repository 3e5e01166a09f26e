package io.longreach.udfs.sql.plan;

import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.ColumnarRule;
import org.apache.spark.sql.execution.ColumnarToRowExec;
import org.apache.spark.sql.execution.SparkPlan;

/**
 * Takes out the conversion to rows that Spark puts between a columnar child and an {@link
 * EmbedBatchExec}, which reads column vectors itself.
 */
final class ColumnarInput extends ColumnarRule {

  @Override
  public Rule<SparkPlan> postColumnarTransitions() {
    return new Rule<>() {
      @Override
      public SparkPlan apply(SparkPlan plan) {
        return withoutConversion(plan);
      }
    };
  }

  private static SparkPlan withoutConversion(SparkPlan plan) {
    SparkPlan mapped = Trees.mapChildren(plan, ColumnarInput::withoutConversion);
    return mapped instanceof EmbedBatchExec batch
            && batch.child() instanceof ColumnarToRowExec conversion
        ? (SparkPlan) batch.withNewChildren(Trees.seq(java.util.List.of(conversion.child())))
        : mapped;
  }
}
