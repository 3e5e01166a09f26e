package io.longreach.udfs.sql.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.AttributeSet$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.trees.TreeNode;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Catalyst's trees from Java. */
final class Trees {
  private Trees() {}

  static <T> Seq<T> seq(Collection<? extends T> elements) {
    return CollectionConverters.asScala(new ArrayList<T>(elements)).toSeq();
  }

  static <T> List<T> list(scala.collection.Seq<? extends T> elements) {
    return new ArrayList<>(CollectionConverters.asJava(elements));
  }

  /** Whether a node of a tree is such. */
  static <N extends TreeNode<N>> boolean contains(N tree, Predicate<N> wanted) {
    return wanted.test(tree) || list(tree.children()).stream().anyMatch(c -> contains(c, wanted));
  }

  /**
   * Replaces from the root down.
   *
   * @param replacement of a node, null to look at its children
   */
  static <N extends TreeNode<N>> N replace(N tree, Function<N, N> replacement) {
    N replaced = replacement.apply(tree);
    return replaced == null ? mapChildren(tree, c -> replace(c, replacement)) : replaced;
  }

  /** Replaces children; the same node if none changes. */
  static <N extends TreeNode<N>> N mapChildren(N tree, Function<N, N> mapping) {
    List<N> children = list(tree.children());
    List<N> mapped = children.stream().map(mapping).toList();
    for (int i = 0; i < children.size(); i++) {
      if (children.get(i) != mapped.get(i)) {
        return tree.withNewChildren(seq(mapped));
      }
    }
    return tree;
  }

  /** Replaces from the leaves up. */
  static LogicalPlan mapUp(LogicalPlan plan, Function<LogicalPlan, LogicalPlan> mapping) {
    return mapping.apply(mapChildren(plan, child -> mapUp(child, mapping)));
  }

  /** Where a column stands among others. */
  static int ordinal(Attribute column, List<Attribute> columns) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).exprId().equals(column.exprId())) {
        return i;
      }
    }
    throw new IllegalStateException("no column " + column + " among " + columns);
  }

  static Alias alias(Expression expression, String name) {
    return new Alias(
        expression,
        name,
        NamedExpression.newExprId(),
        seq(List.<String>of()),
        Option.empty(),
        seq(List.<String>of()));
  }

  static LogicalPlan project(Collection<? extends NamedExpression> columns, LogicalPlan child) {
    return new Project(seq(columns), child);
  }

  /** A plan with these columns and no others, in this order. */
  static LogicalPlan withOutput(List<Attribute> output, LogicalPlan plan) {
    return list(plan.output()).equals(output) ? plan : project(output, plan);
  }

  static AttributeSet references(Collection<? extends Expression> expressions) {
    AttributeSet references = AttributeSet$.MODULE$.empty();
    for (Expression expression : expressions) {
      references = references.$plus$plus(expression.references());
    }
    return references;
  }

  /** The conditions that a conjunction is made of, in its order. */
  static List<Expression> conjuncts(Expression condition) {
    if (condition instanceof And and) {
      List<Expression> conjuncts = conjuncts(and.left());
      conjuncts.addAll(conjuncts(and.right()));
      return conjuncts;
    }
    return new ArrayList<>(List.of(condition));
  }

  /** Null for none. */
  static Expression conjunction(List<Expression> conditions) {
    return conditions.stream().reduce(And::new).orElse(null);
  }
}
