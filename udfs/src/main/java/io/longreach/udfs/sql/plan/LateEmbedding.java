package io.longreach.udfs.sql.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.IntegerLiteral;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.Sort;

/**
 * Moves calls above sorts that do not sort by them, and above the limit of such a sort: a sort
 * reads its input twice to find its ranges, and all of it where a limit keeps ten rows.
 */
final class LateEmbedding {
  /** Rows behind a limit stand in one partition: more than these are better embedded before. */
  private static final int LIMIT_ROWS = 10_000;

  private LateEmbedding() {}

  static LogicalPlan of(LogicalPlan plan) {
    return Trees.mapUp(plan, LateEmbedding::lift);
  }

  private static LogicalPlan lift(LogicalPlan plan) {
    if (plan instanceof Sort sort && sort.child() instanceof Project project) {
      return aboveSort(sort, project);
    }
    if (plan instanceof GlobalLimit limit
        && limit.child() instanceof LocalLimit local
        && local.child() instanceof Project project
        && project.child() instanceof Sort sort
        && calls(project)
        && isSmall(limit.limitExpr())) {
      return Trees.project(
          Trees.list(project.projectList()),
          new GlobalLimit(limit.limitExpr(), new LocalLimit(local.limitExpr(), sort)));
    }
    return plan;
  }

  private static boolean isSmall(Expression limit) {
    scala.Option<Object> rows = IntegerLiteral.unapply(limit);
    return rows.isDefined() && (int) rows.get() <= LIMIT_ROWS;
  }

  private static boolean calls(Project project) {
    return !CallSite.in(Trees.list(project.expressions())).isEmpty();
  }

  private static LogicalPlan aboveSort(Sort sort, Project project) {
    AttributeSet sorted = Trees.references(Trees.list(sort.order()));
    List<NamedExpression> late = new ArrayList<>();
    Map<ExprId, NamedExpression> early = new LinkedHashMap<>();
    boolean lifted = false;
    for (NamedExpression column : Trees.list(project.projectList())) {
      Expression expression = (Expression) column;
      if (CallSite.anyIn(expression) && !sorted.contains(column.toAttribute())) {
        lifted = true;
        late.add(column);
        for (Attribute input : attributes(expression.references(), project.child())) {
          early.putIfAbsent(input.exprId(), input);
        }
      } else {
        late.add(column.toAttribute());
        early.putIfAbsent(column.exprId(), column);
      }
    }
    return lifted
        ? Trees.project(
            late,
            new Sort(
                sort.order(),
                sort.global(),
                Trees.project(early.values(), project.child()),
                sort.hint()))
        : sort;
  }

  private static List<Attribute> attributes(AttributeSet wanted, LogicalPlan plan) {
    return Trees.list(plan.output()).stream().filter(wanted::contains).toList();
  }
}
