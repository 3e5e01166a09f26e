package io.longreach.udfs.sql.plan;

import io.longreach.udfs.sql.EmbedCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;

/** Splits the columns of an aggregate that call embedding functions on aggregated text. */
final class AggregateCalls {
  private final List<Expression> grouping;
  private final List<NamedExpression> columns = new ArrayList<>();
  private final Map<Expression, Attribute> parts = new LinkedHashMap<>();
  private boolean found;

  AggregateCalls(List<Expression> grouping) {
    this.grouping = grouping;
  }

  /** Whether no column had such calls. */
  boolean isEmpty() {
    return !found;
  }

  /** What the aggregate computes. */
  List<NamedExpression> columns() {
    return columns;
  }

  /** What a column becomes above the aggregate. */
  NamedExpression lift(NamedExpression column) {
    if (callsGroups((Expression) column)) {
      found = true;
      return (NamedExpression) Trees.replace((Expression) column, this::part);
    }
    columns.add(column);
    return column.toAttribute();
  }

  /** Whether a call stands outside of aggregate functions and grouping expressions. */
  private boolean callsGroups(Expression expression) {
    if (isComputed(expression)) {
      return false;
    }
    return (expression instanceof EmbedCall && CallSite.anyIn(expression))
        || Trees.list(expression.children()).stream().anyMatch(this::callsGroups);
  }

  private boolean isComputed(Expression expression) {
    return expression instanceof AggregateExpression
        || grouping.stream().anyMatch(g -> g.semanticEquals(expression));
  }

  private Expression part(Expression expression) {
    if (!isComputed(expression)) {
      return null;
    }
    return parts.computeIfAbsent(
        expression.canonicalized(),
        e -> {
          NamedExpression column =
              expression instanceof Attribute attribute
                  ? attribute
                  : Trees.alias(expression, "aggregated");
          columns.add(column);
          return column.toAttribute();
        });
  }
}
