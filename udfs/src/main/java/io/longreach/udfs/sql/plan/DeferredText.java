package io.longreach.udfs.sql.plan;

import io.longreach.udfs.CatalystNode;
import io.longreach.udfs.sql.BatchSettings;
import io.longreach.udfs.sql.EmbedCall;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Unevaluable;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.types.DataType;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * A call's text that cannot be evaluated yet. Spark evaluates expressions over local rows ({@code
 * VALUES}, a collection) row by row on the driver, early in its optimizer; with this around their
 * texts, calls stay for the batches. Put in at the end of the analysis and taken out again by the
 * first optimizer rules behind that point.
 */
public final class DeferredText extends Expression implements Unevaluable, CatalystNode {
  private final Expression text;

  public DeferredText(Expression text) {
    this.text = text;
  }

  /** Puts it in, where there are local rows. */
  static final class In extends Rule<LogicalPlan> {
    @Override
    public LogicalPlan apply(LogicalPlan plan) {
      return Trees.contains(plan, p -> p instanceof LocalRelation) && BatchSettings.batched(conf())
          ? mapTexts(plan, DeferredText::defer)
          : plan;
    }
  }

  /** Takes it out. */
  static final class Out extends Rule<LogicalPlan> {
    @Override
    public LogicalPlan apply(LogicalPlan plan) {
      return mapTexts(plan, text -> text instanceof DeferredText deferred ? deferred.text : text);
    }
  }

  private static Expression defer(Expression text) {
    return text instanceof DeferredText || text.foldable() ? text : new DeferredText(text);
  }

  private static LogicalPlan mapTexts(
      LogicalPlan plan, java.util.function.UnaryOperator<Expression> mapping) {
    return Trees.mapUp(
        plan, node -> node.mapExpressions(expression -> mapTexts(expression, mapping)));
  }

  private static Expression mapTexts(
      Expression expression, java.util.function.UnaryOperator<Expression> mapping) {
    Expression mapped = Trees.mapChildren(expression, child -> mapTexts(child, mapping));
    return mapped instanceof EmbedCall call
        ? Trees.mapChildren((Expression) call, mapping::apply)
        : mapped;
  }

  @Override
  public Seq<Expression> children() {
    return Trees.seq(List.of(text));
  }

  @Override
  public boolean nullable() {
    return text.nullable();
  }

  @Override
  public DataType dataType() {
    return text.dataType();
  }

  @Override
  public Object eval(InternalRow row) {
    return Unevaluable.super.eval(row);
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    return Unevaluable.super.doGenCode(context, code);
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new DeferredText(children.apply(0));
  }

  @Override
  public String toString() {
    return text.toString();
  }

  @Override
  public String sql() {
    return text.sql();
  }

  @Override
  public Object[] elements() {
    return new Object[] {text};
  }

  @Override
  public boolean equals(Object other) {
    return isEqual(other);
  }

  @Override
  public int hashCode() {
    return super.hashCode();
  }
}
