package io.longreach.udfs.sql.plan;

import io.longreach.encoders.EmbedderOptions;
import io.longreach.udfs.sql.EmbedCall;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.CaseWhen;
import org.apache.spark.sql.catalyst.expressions.Coalesce;
import org.apache.spark.sql.catalyst.expressions.EqualNullSafe;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.IsNull;
import org.apache.spark.sql.catalyst.expressions.LambdaFunction;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.Not;
import org.apache.spark.sql.catalyst.expressions.Or;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import scala.Tuple2;

/**
 * A call in an expression, and when it is evaluated there.
 *
 * @param guard true for the rows that want the call, null where all do: in {@code CASE}, {@code
 *     IF}, {@code COALESCE}, {@code AND} and {@code OR}, which leave their later parts out for some
 *     rows
 */
record CallSite(EmbedCall call, Expression guard) {

  /** What calls share that can share a pass. */
  record Pass(Expression text, EmbedderOptions options) {
    static Pass of(EmbedCall call) {
      return new Pass(call.text().canonicalized(), call.options());
    }
  }

  /**
   * The calls that a batch can take over, the outer before the inner. Not those of constant text,
   * which Spark evaluates once, of random text, and within lambda functions.
   */
  static List<CallSite> in(List<Expression> expressions) {
    List<CallSite> sites = new ArrayList<>();
    expressions.forEach(expression -> collect(expression, null, sites));
    return sites;
  }

  static boolean anyIn(Expression expression) {
    return !in(List.of(expression)).isEmpty();
  }

  private static void collect(Expression expression, Expression guard, List<CallSite> sites) {
    if (expression instanceof LambdaFunction) {
      return;
    }
    if (expression instanceof EmbedCall call) {
      if (!call.text().foldable() && call.text().deterministic()) {
        sites.add(new CallSite(call, guard));
      }
      collect(call.text(), guard, sites);
    } else if (expression instanceof And and) {
      collect(and.left(), guard, sites);
      collect(and.right(), both(guard, not(is(and.left(), Literal.FalseLiteral()))), sites);
    } else if (expression instanceof Or or) {
      collect(or.left(), guard, sites);
      collect(or.right(), both(guard, not(is(or.left(), Literal.TrueLiteral()))), sites);
    } else if (expression instanceof If choice) {
      Expression taken = is(choice.predicate(), Literal.TrueLiteral());
      collect(choice.predicate(), guard, sites);
      collect(choice.trueValue(), both(guard, taken), sites);
      collect(choice.falseValue(), both(guard, not(taken)), sites);
    } else if (expression instanceof CaseWhen choice) {
      collectBranches(choice, guard, sites);
    } else if (expression instanceof Coalesce coalesce) {
      Expression reached = guard;
      for (Expression child : Trees.list(coalesce.children())) {
        collect(child, reached, sites);
        reached = both(reached, new IsNull(child));
      }
    } else if (expression instanceof AggregateExpression aggregate
        && aggregate.filter().isDefined()) {
      Expression filter = aggregate.filter().get();
      collect(filter, guard, sites);
      collect(aggregate.aggregateFunction(), both(guard, is(filter, Literal.TrueLiteral())), sites);
    } else {
      Trees.list(expression.children()).forEach(child -> collect(child, guard, sites));
    }
  }

  private static void collectBranches(CaseWhen choice, Expression guard, List<CallSite> sites) {
    Expression reached = guard;
    for (Tuple2<Expression, Expression> branch : Trees.list(choice.branches())) {
      Expression taken = is(branch._1(), Literal.TrueLiteral());
      collect(branch._1(), reached, sites);
      collect(branch._2(), both(reached, taken), sites);
      reached = both(reached, not(taken));
    }
    if (choice.elseValue().isDefined()) {
      collect(choice.elseValue().get(), reached, sites);
    }
  }

  /** Never null, as three-valued logic would have it. */
  private static Expression is(Expression condition, Expression value) {
    return new EqualNullSafe(condition, value);
  }

  private static Expression not(Expression condition) {
    return new Not(condition);
  }

  private static Expression both(Expression guard, Expression condition) {
    return guard == null ? condition : new And(guard, condition);
  }
}
