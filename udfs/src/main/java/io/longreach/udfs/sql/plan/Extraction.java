package io.longreach.udfs.sql.plan;

import io.longreach.udfs.sql.EmbedCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.Inner$;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Expand;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.RebalancePartitions;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionByExpression;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import scala.Option;

/**
 * Puts an {@link EmbedBatch} under every node whose expressions call embedding functions, from the
 * leaves up, and hands on what is computed: a call that stands above, too, takes the column. Nodes
 * may come out with more columns than they had.
 */
final class Extraction {
  private final BatchedChild.Demand demand = new BatchedChild.Demand();
  private Map<EmbedCall, Attribute> known = Map.of();

  /** A plan with the same output, and batches in it. */
  static LogicalPlan of(LogicalPlan plan) {
    Extraction extraction = new Extraction();
    extraction.count(plan);
    return Trees.withOutput(Trees.list(plan.output()), extraction.rewrite(plan));
  }

  private void count(LogicalPlan plan) {
    if (!(plan instanceof EmbedBatch)) {
      demand.add(CallSite.in(Trees.list(plan.expressions())));
      Trees.list(plan.children()).forEach(this::count);
    }
  }

  /** Leaves in {@link #known} what the result's columns know. */
  private LogicalPlan rewrite(LogicalPlan plan) {
    List<BatchedChild> children = new ArrayList<>();
    for (LogicalPlan child : Trees.list(plan.children())) {
      LogicalPlan rewritten = rewrite(child);
      children.add(
          handsOn(plan)
              ? new BatchedChild(rewritten, known, demand)
              : new BatchedChild(
                  Trees.withOutput(Trees.list(child.output()), rewritten), known, demand));
    }
    LogicalPlan result = rewrite(plan, children);
    known = new LinkedHashMap<>();
    AttributeSet output = result.outputSet();
    for (BatchedChild child : children) {
      child
          .known()
          .forEach(
              (call, attribute) -> {
                if (output.contains(attribute)) {
                  known.put(call, attribute);
                }
              });
    }
    return result;
  }

  /** Whether more columns of its children do a node no harm: none counts or places them. */
  private static boolean handsOn(LogicalPlan plan) {
    return plan instanceof Project
        || plan instanceof Filter
        || plan instanceof Sort
        || plan instanceof LocalLimit
        || plan instanceof GlobalLimit
        || plan instanceof Window
        || plan instanceof Join
        || plan instanceof Aggregate
        || plan instanceof Expand
        || plan instanceof Generate;
  }

  private LogicalPlan rewrite(LogicalPlan plan, List<BatchedChild> children) {
    if (plan instanceof Filter filter) {
      return filter(filter, children.get(0));
    }
    if (plan instanceof Aggregate aggregate && aboveAggregate(aggregate) != aggregate) {
      return project((Project) aboveAggregate(aggregate), children.get(0));
    }
    if (plan instanceof Project project) {
      return withHandedOn((Project) withBatches(project, children), children.get(0));
    }
    if (plan instanceof Generate generate) {
      return generate(generate, children.get(0));
    }
    if (plan instanceof Join join && join.condition().isDefined()) {
      return join(join, children);
    }
    return plan instanceof Sort
            || plan instanceof Aggregate
            || plan instanceof Window
            || plan instanceof Expand
            || plan instanceof RepartitionByExpression
            || plan instanceof RebalancePartitions
        ? withBatches(plan, children)
        : withChildren(plan, children);
  }

  private static LogicalPlan withChildren(LogicalPlan plan, List<BatchedChild> children) {
    return plan.withNewChildren(Trees.seq(children.stream().map(BatchedChild::plan).toList()));
  }

  private LogicalPlan withBatches(LogicalPlan plan, List<BatchedChild> children) {
    LogicalPlan current = plan.mapExpressions(expression(this::inSubqueries));
    boolean more = true;
    while (more) {
      more = false;
      for (BatchedChild child : children) {
        LogicalPlan before = current;
        current = before.mapExpressions(expression(child::withKnown));
        more |= child.extend(Trees.list(current.expressions()));
      }
    }
    return withChildren(current, children);
  }

  private Expression inSubqueries(Expression expression) {
    return SubqueryCalls.withBatches(expression, demand);
  }

  private static scala.Function1<Expression, Expression> expression(
      java.util.function.UnaryOperator<Expression> mapping) {
    return mapping::apply;
  }

  /** A projection with the results that calls above it may ask for. */
  private static LogicalPlan withHandedOn(Project project, BatchedChild child) {
    List<NamedExpression> columns = Trees.list(project.projectList());
    AttributeSet output = project.outputSet();
    child
        .known()
        .forEach(
            (call, attribute) -> {
              if (call.text().references().subsetOf(output) && !output.contains(attribute)) {
                columns.add(attribute);
              }
            });
    return Trees.project(columns, project.child());
  }

  /** Conditions without calls go first, then one by one those that need passes. */
  private LogicalPlan filter(Filter filter, BatchedChild child) {
    List<Expression> free = new ArrayList<>();
    List<Expression> embedding = new ArrayList<>();
    for (Expression conjunct : Trees.conjuncts(filter.condition())) {
      Expression condition = child.withKnown(inSubqueries(conjunct));
      boolean movable = condition.deterministic() && !CallSite.anyIn(condition);
      (movable ? free : embedding).add(condition);
    }
    filter(free, child);
    for (Expression condition : embedding) {
      Expression current = child.withKnown(condition);
      while (child.extend(List.of(current))) {
        current = child.withKnown(current);
      }
      filter(List.of(current), child);
    }
    return child.plan();
  }

  private static void filter(List<Expression> conditions, BatchedChild child) {
    if (!conditions.isEmpty()) {
      child.setPlan(new Filter(Trees.conjunction(conditions), child.plan()));
    }
  }

  /**
   * An aggregate whose calls of aggregated text stand in a projection above it: as many texts as
   * groups. The same aggregate if there are none.
   */
  private static LogicalPlan aboveAggregate(Aggregate aggregate) {
    AggregateCalls calls = new AggregateCalls(Trees.list(aggregate.groupingExpressions()));
    List<NamedExpression> above = new ArrayList<>();
    for (NamedExpression column : Trees.list(aggregate.aggregateExpressions())) {
      above.add(calls.lift(column));
    }
    return calls.isEmpty()
        ? aggregate
        : new Project(
            Trees.seq(above),
            new Aggregate(
                aggregate.groupingExpressions(),
                Trees.seq(calls.columns()),
                aggregate.child(),
                aggregate.hint()));
  }

  private LogicalPlan project(Project above, BatchedChild child) {
    LogicalPlan aggregate = withBatches(above.child(), List.of(child));
    BatchedChild groups = new BatchedChild(aggregate, Map.of(), demand);
    LogicalPlan result = withHandedOn((Project) withBatches(above, List.of(groups)), groups);
    child.known().putAll(groups.known());
    return result;
  }

  /** Columns that its child has grown are not among its own. */
  private LogicalPlan generate(Generate generate, BatchedChild child) {
    AttributeSet wanted = generate.outputSet();
    Generate batched = (Generate) withBatches(generate, List.of(child));
    List<Attribute> input = Trees.list(batched.child().output());
    List<Object> unrequired = new ArrayList<>();
    for (int i = 0; i < input.size(); i++) {
      if (!wanted.contains(input.get(i)) && !child.known().containsValue(input.get(i))) {
        unrequired.add(i);
      }
    }
    return new Generate(
        batched.generator(),
        Trees.seq(unrequired),
        batched.outer(),
        batched.qualifier(),
        batched.generatorOutput(),
        batched.child());
  }

  /** Each side gets its batches; conditions over texts of both sides go above an inner join. */
  private LogicalPlan join(Join join, List<BatchedChild> sides) {
    Join batched = (Join) withBatches(join, sides);
    Expression condition = batched.condition().get();
    if (batched.joinType() != Inner$.MODULE$ || !CallSite.anyIn(condition)) {
      return batched;
    }
    List<Expression> within = new ArrayList<>();
    List<Expression> above = new ArrayList<>();
    for (Expression conjunct : Trees.conjuncts(condition)) {
      boolean movable = conjunct.deterministic() && CallSite.anyIn(conjunct);
      (movable ? above : within).add(conjunct);
    }
    if (above.isEmpty()) {
      return batched;
    }
    LogicalPlan inner =
        new Join(
            batched.left(),
            batched.right(),
            batched.joinType(),
            Option.apply(Trees.conjunction(within)),
            batched.hint());
    Map<EmbedCall, Attribute> both = new LinkedHashMap<>(sides.get(0).known());
    both.putAll(sides.get(1).known());
    BatchedChild joined = new BatchedChild(inner, both, demand);
    LogicalPlan result = filter(new Filter(Trees.conjunction(above), inner), joined);
    sides.get(0).known().putAll(joined.known());
    return result;
  }
}
