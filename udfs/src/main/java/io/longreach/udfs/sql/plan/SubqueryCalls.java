package io.longreach.udfs.sql.plan;

import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Exists;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ListQuery;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;

/**
 * Calls in the conditions that tie a subquery of {@code EXISTS} or {@code IN} to its outer query:
 * those of the subquery's own text get their batches in its plan.
 */
final class SubqueryCalls {
  private SubqueryCalls() {}

  static Expression withBatches(Expression expression, BatchedChild.Demand demand) {
    return Trees.replace(
        expression,
        e ->
            (e instanceof Exists || e instanceof ListQuery) && CallSite.anyIn(e)
                ? withBatches((SubqueryExpression) e, demand)
                : null);
  }

  private static Expression withBatches(SubqueryExpression subquery, BatchedChild.Demand demand) {
    BatchedChild inner = new BatchedChild(subquery.plan(), Map.of(), demand);
    Expression current = Trees.mapChildren((Expression) subquery, inner::withKnown);
    while (inner.extend(Trees.list(current.children()))) {
      current = Trees.mapChildren(current, inner::withKnown);
    }
    List<Expression> unchanged = Trees.list(current.children());
    return unchanged.equals(Trees.list(subquery.children()))
        ? subquery
        : ((SubqueryExpression) current).withNewPlan(inner.plan());
  }
}
