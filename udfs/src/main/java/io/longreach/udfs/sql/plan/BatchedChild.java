package io.longreach.udfs.sql.plan;

import io.longreach.udfs.sql.EmbedCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.Or;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * A node's child on its way to have its batches: the plan, which may have grown columns at its end,
 * and the calls whose results are among them.
 */
final class BatchedChild {
  private final Demand demand;
  private LogicalPlan plan;
  private final Map<EmbedCall, Attribute> known = new LinkedHashMap<>();

  /** The calls of the whole statement by the pass that they can share. */
  static final class Demand {
    private final Map<CallSite.Pass, Set<EmbedCall>> calls = new LinkedHashMap<>();
    private final Map<CallSite.Pass, Integer> nodes = new LinkedHashMap<>();

    /** Adds the calls of one node. */
    void add(List<CallSite> sites) {
      Set<CallSite.Pass> passes = new LinkedHashSet<>();
      for (CallSite site : sites) {
        CallSite.Pass pass = CallSite.Pass.of(site.call());
        passes.add(pass);
        calls.computeIfAbsent(pass, p -> new LinkedHashSet<>()).add(site.call().key());
      }
      passes.forEach(pass -> nodes.merge(pass, 1, Integer::sum));
    }

    private Set<EmbedCall> calls(CallSite.Pass pass) {
      return calls.getOrDefault(pass, Set.of());
    }

    private boolean isOfManyNodes(CallSite.Pass pass) {
      return nodes.getOrDefault(pass, 0) > 1;
    }
  }

  BatchedChild(LogicalPlan plan, Map<EmbedCall, Attribute> known, Demand demand) {
    this.plan = plan;
    this.demand = demand;
    AttributeSet output = plan.outputSet();
    known.forEach(
        (call, attribute) -> {
          if (output.contains(attribute)) {
            this.known.put(call, attribute);
          }
        });
  }

  LogicalPlan plan() {
    return plan;
  }

  void setPlan(LogicalPlan other) {
    plan = other;
  }

  Map<EmbedCall, Attribute> known() {
    return known;
  }

  /** An expression with the calls that are known taken from their columns. */
  Expression withKnown(Expression expression) {
    if (known.isEmpty()) {
      return expression;
    }
    return Trees.replace(
        expression,
        e -> {
          if (e instanceof SubqueryExpression subquery) {
            return withKnownInside(subquery);
          }
          Attribute result = e instanceof EmbedCall call ? known.get(call.key()) : null;
          return result == null ? null : ((EmbedCall) e).of(result);
        });
  }

  /** Conditions that tie a subquery to this child: it must say what columns they read. */
  private Expression withKnownInside(SubqueryExpression subquery) {
    Expression replaced = Trees.mapChildren((Expression) subquery, this::withKnown);
    if (replaced == subquery) {
      return subquery;
    }
    List<Expression> outer = Trees.list(subquery.getOuterAttrs());
    AttributeSet read = Trees.references(Trees.list(replaced.children()));
    known.values().stream().filter(read::contains).forEach(outer::add);
    return ((SubqueryExpression) replaced).withNewOuterAttrs(Trees.seq(outer));
  }

  /**
   * Puts the passes under a node that its expressions want and this child can give. Calls within
   * calls come one by one: ask again with the expressions as they are then.
   *
   * @return whether there were any
   */
  boolean extend(List<Expression> expressions) {
    Map<CallSite.Pass, List<CallSite>> ready = new LinkedHashMap<>();
    for (CallSite site : CallSite.in(expressions)) {
      if (isReady(site)) {
        ready.computeIfAbsent(CallSite.Pass.of(site.call()), p -> new ArrayList<>()).add(site);
      }
    }
    ready.forEach(this::add);
    return !ready.isEmpty();
  }

  private boolean isReady(CallSite site) {
    Expression text = site.call().text();
    return !CallSite.anyIn(text)
        && text.references().subsetOf(plan.outputSet())
        && (site.guard() == null
            || !site.guard().deterministic()
            || (!CallSite.anyIn(site.guard())
                && site.guard().references().subsetOf(plan.outputSet())));
  }

  private void add(CallSite.Pass pass, List<CallSite> sites) {
    EmbedCall first = sites.get(0).call();
    Expression wanted = wanted(pass, sites);
    Expression text =
        wanted == null
            ? first.text()
            : new If(wanted, first.text(), Literal.create(null, first.text().dataType()));
    List<Attribute> output = Trees.list(plan.output());
    LogicalPlan base = plan;
    Attribute column;
    if (text instanceof AttributeReference attribute) {
      column = attribute;
    } else {
      Alias alias = Trees.alias(text, "text");
      List<NamedExpression> columns = new ArrayList<>(output);
      columns.add(alias);
      base = Trees.project(columns, plan);
      column = alias.toAttribute();
    }
    Set<EmbedCall> keys = new LinkedHashSet<>();
    sites.forEach(site -> keys.add(site.call().key()));
    keys.addAll(demand.calls(pass));
    List<NamedExpression> results = new ArrayList<>();
    for (EmbedCall key : keys) {
      Alias result = Trees.alias(key.lenient(column), key.prettyName());
      results.add(result);
      known.put(key, result.toAttribute());
    }
    plan = new EmbedBatch(column, Trees.seq(results), Trees.seq(output), base);
  }

  /** Rows that want a pass, null for all: as it is where other nodes want it, too. */
  private Expression wanted(CallSite.Pass pass, List<CallSite> sites) {
    if (demand.isOfManyNodes(pass)
        || sites.stream().anyMatch(s -> s.guard() == null || !s.guard().deterministic())) {
      return null;
    }
    return sites.stream().map(CallSite::guard).distinct().reduce(Or::new).orElseThrow();
  }
}
