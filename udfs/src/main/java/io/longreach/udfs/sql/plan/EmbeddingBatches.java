package io.longreach.udfs.sql.plan;

import io.longreach.udfs.sql.BatchSettings;
import io.longreach.udfs.sql.EmbedCall;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.optimizer.ColumnPruning;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;

/**
 * Puts the calls of embedding functions into batches, as Spark does with Python's functions, once
 * its own rules have moved them to where they belong. What no batch can take over is evaluated row
 * by row.
 */
final class EmbeddingBatches extends Rule<LogicalPlan> {

  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    if (!Trees.contains(plan, EmbeddingBatches::calls) || !BatchSettings.batched(conf())) {
      return plan;
    }
    LogicalPlan batched = Extraction.of(LateEmbedding.of(plan));
    LogicalPlan narrow = pruned(BatchPlacement.narrow(pruned(batched)));
    return BatchPlacement.share(BatchPlacement.shuffleBeforeRanges(BatchPlacement.limit(narrow)));
  }

  private static LogicalPlan pruned(LogicalPlan plan) {
    return ColumnPruning.apply(plan);
  }

  private static boolean calls(LogicalPlan plan) {
    return !(plan instanceof EmbedBatch)
        && Trees.list(plan.expressions()).stream().anyMatch(EmbeddingBatches::callsIn);
  }

  private static boolean callsIn(Expression expression) {
    return Trees.contains(expression, e -> e instanceof EmbedCall);
  }
}
