package io.longreach.udfs.sql.plan;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.udfs.CatalystNode;
import io.longreach.udfs.sql.EmbedCall;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.AttributeSet$;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Statistics;
import org.apache.spark.sql.catalyst.plans.logical.UnaryNode;
import org.apache.spark.sql.catalyst.plans.logical.statsEstimation.EstimationUtils;
import scala.Option;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.math.BigInt;

/**
 * One pass over one text: the child's rows, in their order, with the results of the calls behind
 * the columns that pass through. All calls have the same {@link EmbedCall#options} and the text for
 * their argument, and give a struct of result and error.
 */
public final class EmbedBatch extends LogicalPlan implements UnaryNode, CatalystNode {
  private final Attribute text;
  private final Seq<NamedExpression> results;
  private final Seq<Attribute> passed;
  private final LogicalPlan child;

  /**
   * @param text column of the child
   * @param results aliases of {@link EmbedCall}s
   * @param passed columns of the child that go on
   */
  public EmbedBatch(
      Attribute text, Seq<NamedExpression> results, Seq<Attribute> passed, LogicalPlan child) {
    this.text = text;
    this.results = results;
    this.passed = passed;
    this.child = child;
  }

  Attribute text() {
    return text;
  }

  Seq<NamedExpression> results() {
    return results;
  }

  Seq<Attribute> passed() {
    return passed;
  }

  List<EmbedCall> calls() {
    return calls(results);
  }

  static List<EmbedCall> calls(Seq<NamedExpression> results) {
    return Trees.list(results).stream().map(r -> (EmbedCall) ((Alias) r).child()).toList();
  }

  @Override
  public LogicalPlan child() {
    return child;
  }

  @Override
  public Seq<Attribute> output() {
    return output(passed, results);
  }

  static Seq<Attribute> output(Seq<Attribute> passed, Seq<NamedExpression> results) {
    List<Attribute> output = Trees.list(passed);
    Trees.list(results).forEach(result -> output.add(result.toAttribute()));
    return Trees.seq(output);
  }

  @Override
  public AttributeSet producedAttributes() {
    List<Attribute> produced = new ArrayList<>();
    Trees.list(results).forEach(result -> produced.add(result.toAttribute()));
    return AttributeSet$.MODULE$.apply(Trees.seq(produced));
  }

  @Override
  public Option<Object> maxRows() {
    return child.maxRows();
  }

  @Override
  public Option<Object> maxRowsPerPartition() {
    return child.maxRowsPerPartition();
  }

  /** Vectors are large: a join that broadcast them for the size of their texts would fail. */
  @Override
  public Statistics stats() {
    BigInt rowBytes = EstimationUtils.getSizePerRow(child.output(), noStatistics());
    BigInt rows = child.stats().sizeInBytes().$div(rowBytes).$plus(BigInt.apply(1));
    BigInt ownBytes = EstimationUtils.getSizePerRow(passed, noStatistics());
    EmbedderOptions options = calls().get(0).options();
    long vectorBytes = (long) Float.BYTES * Embedder.describe(options).dimensions();
    BigInt resultBytes = BigInt.apply(vectorBytes * results.length());
    return new Statistics(
        rows.$times(ownBytes.$plus(resultBytes)),
        child.stats().rowCount(),
        noStatistics(),
        child.stats().isRuntime());
  }

  private static org.apache.spark.sql.catalyst.expressions.AttributeMap<
          org.apache.spark.sql.catalyst.plans.logical.ColumnStat>
      noStatistics() {
    return EstimationUtils.getSizePerRow$default$2();
  }

  @Override
  public Seq<LogicalPlan> children() {
    return Trees.seq(List.of(child));
  }

  @Override
  public LogicalPlan mapChildren(scala.Function1<LogicalPlan, LogicalPlan> mapping) {
    return UnaryNode.super.mapChildren(mapping);
  }

  @Override
  public LogicalPlan withNewChildrenInternal(IndexedSeq<LogicalPlan> children) {
    return withNewChildInternal(children.apply(0));
  }

  @Override
  public LogicalPlan withNewChildInternal(LogicalPlan other) {
    return new EmbedBatch(text, results, passed, other);
  }

  @Override
  public Object[] elements() {
    return new Object[] {text, results, passed, child};
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
