package io.longreach.udfs.sql.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.Repartition;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionByExpression;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import scala.Option;

/** What batches need around them, so that no row is embedded without need, or twice. */
final class BatchPlacement {
  private BatchPlacement() {}

  /** Leaves out columns and results that nothing above a batch reads. */
  static LogicalPlan narrow(LogicalPlan plan) {
    LogicalPlan narrowed = plan;
    if (plan instanceof Project project) {
      narrowed =
          project.withNewChildren(Trees.seq(List.of(narrow(project.child(), references(project)))));
    }
    return Trees.mapChildren(narrowed, BatchPlacement::narrow);
  }

  private static AttributeSet references(LogicalPlan plan) {
    return Trees.references(Trees.list(plan.expressions()));
  }

  private static LogicalPlan narrow(LogicalPlan plan, AttributeSet wanted) {
    if (plan instanceof Filter filter) {
      AttributeSet read = wanted.$plus$plus(references(filter));
      return filter.withNewChildren(Trees.seq(List.of(narrow(filter.child(), read))));
    }
    if (!(plan instanceof EmbedBatch batch)) {
      return plan;
    }
    List<Attribute> passed = Trees.list(batch.passed()).stream().filter(wanted::contains).toList();
    List<NamedExpression> results =
        Trees.list(batch.results()).stream()
            .filter(result -> wanted.contains(result.toAttribute()))
            .toList();
    AttributeSet read = Trees.references(passed).$plus(batch.text());
    LogicalPlan child = narrow(batch.child(), results.isEmpty() ? wanted : read);
    return results.isEmpty()
        ? child
        : new EmbedBatch(
            batch.text(), Trees.seq(results), Trees.seq(passed), withColumns(read, child));
  }

  /** Says to the plan below what is read of it: a scan reads all columns but for a projection. */
  private static LogicalPlan withColumns(AttributeSet wanted, LogicalPlan plan) {
    List<Attribute> columns = Trees.list(plan.output()).stream().filter(wanted::contains).toList();
    if (plan instanceof Project project) {
      return Trees.project(
          Trees.list(project.projectList()).stream()
              .filter(column -> wanted.contains(column.toAttribute()))
              .toList(),
          project.child());
    }
    return Trees.withOutput(columns, plan);
  }

  /** Has no more rows embedded in a partition than a limit above keeps of it. */
  static LogicalPlan limit(LogicalPlan plan) {
    return Trees.mapUp(
        plan,
        node ->
            node instanceof LocalLimit limit && reachesBatch(limit.child())
                ? limit.withNewChildren(
                    Trees.seq(List.of(underBatches(limit.child(), limit.limitExpr()))))
                : node);
  }

  private static boolean reachesBatch(LogicalPlan plan) {
    return plan instanceof EmbedBatch
        || (plan instanceof Project project && reachesBatch(project.child()));
  }

  private static LogicalPlan underBatches(LogicalPlan plan, Expression rows) {
    return reachesBatch(plan)
        ? Trees.mapChildren(plan, child -> underBatches(child, rows))
        : plan instanceof LocalLimit ? plan : new LocalLimit(rows, plan);
  }

  /**
   * Puts a shuffle between a batch and a sort of all rows, which reads its input twice: a shuffle's
   * files are read twice instead. A sort right below a limit reads once.
   */
  static LogicalPlan shuffleBeforeRanges(LogicalPlan plan) {
    if (plan instanceof LocalLimit limit && isSorted(limit.child())) {
      return Trees.mapChildren(limit, BatchPlacement::shuffleBelowSort);
    }
    LogicalPlan mapped =
        readsTwice(plan) ? Trees.mapChildren(plan, BatchPlacement::shuffled) : plan;
    return Trees.mapChildren(mapped, BatchPlacement::shuffleBeforeRanges);
  }

  private static boolean isSorted(LogicalPlan plan) {
    return plan instanceof Sort
        || (plan instanceof Project project && project.child() instanceof Sort);
  }

  private static LogicalPlan shuffleBelowSort(LogicalPlan plan) {
    return Trees.mapChildren(
        plan,
        plan instanceof Sort
            ? BatchPlacement::shuffleBeforeRanges
            : BatchPlacement::shuffleBelowSort);
  }

  private static boolean readsTwice(LogicalPlan plan) {
    boolean ranges =
        (plan instanceof Sort sort && sort.global())
            || (plan instanceof RepartitionByExpression repartition
                && Trees.list(repartition.partitionExpressions()).stream()
                    .anyMatch(e -> e instanceof SortOrder));
    return ranges && Trees.list(plan.children()).stream().anyMatch(BatchPlacement::embeds);
  }

  /** Whether a batch is computed as often as this plan is read. */
  private static boolean embeds(LogicalPlan plan) {
    boolean shuffles =
        plan instanceof Aggregate
            || plan instanceof Repartition
            || plan instanceof RepartitionByExpression;
    return plan instanceof EmbedBatch
        || (!shuffles && Trees.list(plan.children()).stream().anyMatch(BatchPlacement::embeds));
  }

  private static LogicalPlan shuffled(LogicalPlan plan) {
    return new RepartitionByExpression(Trees.seq(List.of()), plan, Option.empty(), Option.empty());
  }

  /** Puts shuffles over batches that a plan has twice: Spark computes equal shuffles once. */
  static LogicalPlan share(LogicalPlan plan) {
    Map<LogicalPlan, Integer> uses = new HashMap<>();
    List<LogicalPlan> open = new ArrayList<>(List.of(plan));
    while (!open.isEmpty()) {
      LogicalPlan next = open.remove(open.size() - 1);
      if (next instanceof EmbedBatch && next.deterministic()) {
        uses.merge(next.canonicalized(), 1, Integer::sum);
      }
      open.addAll(Trees.list(next.children()));
    }
    uses.values().removeIf(count -> count == 1);
    return uses.isEmpty() ? plan : share(plan, uses);
  }

  private static LogicalPlan share(LogicalPlan plan, Map<LogicalPlan, Integer> uses) {
    return plan instanceof EmbedBatch && uses.containsKey(plan.canonicalized())
        ? shuffled(plan)
        : Trees.mapChildren(plan, child -> share(child, uses));
  }
}
