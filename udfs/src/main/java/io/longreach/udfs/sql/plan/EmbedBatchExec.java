package io.longreach.udfs.sql.plan;

import io.longreach.udfs.CatalystNode;
import io.longreach.udfs.arrow.BatchLimits;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.AttributeSet$;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.physical.Partitioning;
import org.apache.spark.sql.catalyst.trees.TreeNodeTag;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.UnaryExecNode;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * Runs an {@link EmbedBatch}: rows in Arrow batches, bounded by tokens and bytes, through the
 * encoder. Reads its child's column vectors where it has such, else its rows; gives its Arrow
 * batches to a parent that takes columns, else rows. Keeps the order and the partitions of its
 * child.
 */
public final class EmbedBatchExec extends SparkPlan implements UnaryExecNode, CatalystNode {

  /** What EXPLAIN says of the pass; no part of the node, as estimates may differ for one plan. */
  static final TreeNodeTag<String> DESCRIPTION = new TreeNodeTag<>("longreach_description");

  /** What it gives, for EXPLAIN: rows or columns, as Spark has asked for. */
  static final TreeNodeTag<String> OUTPUT = new TreeNodeTag<>("longreach_output");

  private final Attribute text;
  private final Seq<NamedExpression> results;
  private final Seq<Attribute> passed;
  private final BatchLimits limits;
  private final SparkPlan child;
  private transient BatchMetrics metrics;

  public EmbedBatchExec(
      Attribute text,
      Seq<NamedExpression> results,
      Seq<Attribute> passed,
      BatchLimits limits,
      SparkPlan child) {
    this.text = text;
    this.results = results;
    this.passed = passed;
    this.limits = limits;
    this.child = child;
  }

  @Override
  public SparkPlan child() {
    return child;
  }

  @Override
  public Seq<Attribute> output() {
    return EmbedBatch.output(passed, results);
  }

  @Override
  public AttributeSet producedAttributes() {
    List<Attribute> produced = Trees.list(results).stream().map(r -> r.toAttribute()).toList();
    return AttributeSet$.MODULE$.apply(Trees.seq(produced));
  }

  @Override
  public Partitioning outputPartitioning() {
    return child.outputPartitioning();
  }

  @Override
  public Seq<SortOrder> outputOrdering() {
    return child.outputOrdering();
  }

  private synchronized BatchMetrics batchMetrics() {
    if (metrics == null) {
      metrics = new BatchMetrics(sparkContext());
    }
    return metrics;
  }

  @Override
  public scala.collection.immutable.Map<String, SQLMetric> metrics() {
    return batchMetrics().byName();
  }

  /** Where columns of Arrow hold all that passes. Spark asks for them where a parent takes them. */
  @Override
  public boolean supportsColumnar() {
    return Trees.list(passed).stream().allMatch(column -> ArrowTypes.hold(column.dataType()));
  }

  @Override
  public boolean supportsRowBased() {
    return true;
  }

  @Override
  public RDD<InternalRow> doExecute() {
    EmbedBatchTask task = task();
    return input().mapPartitions(task::rows, true).rdd();
  }

  @Override
  public RDD<ColumnarBatch> doExecuteColumnar() {
    EmbedBatchTask task = task();
    return input().mapPartitions(task::columns, true).rdd();
  }

  private JavaRDD<InternalRow> input() {
    return child.supportsColumnar()
        ? child.executeColumnar().toJavaRDD().mapPartitions(BatchRows::new, true)
        : child.execute().toJavaRDD();
  }

  private EmbedBatchTask task() {
    List<Attribute> input = Trees.list(child.output());
    return new EmbedBatchTask(
        EmbedBatch.calls(results),
        input,
        Trees.list(passed),
        Trees.ordinal(text, input),
        limits,
        batchMetrics());
  }

  @Override
  public String simpleString(int maxFields) {
    return "EmbedBatch "
        + results.mkString("[", ", ", "]")
        + ", "
        + getTagValue(DESCRIPTION).getOrElse(() -> "")
        + (child.supportsColumnar() ? ", columnar input, " : ", row input, ")
        + getTagValue(OUTPUT).getOrElse(() -> "row output");
  }

  @Override
  public String verboseStringWithOperatorId() {
    return UnaryExecNode.super.verboseStringWithOperatorId()
        + "Embeds: "
        + simpleString(Integer.MAX_VALUE)
        + "\n";
  }

  @Override
  public String nodeName() {
    return "EmbedBatch";
  }

  @Override
  public Seq<SparkPlan> children() {
    return Trees.seq(List.of(child));
  }

  @Override
  public SparkPlan mapChildren(scala.Function1<SparkPlan, SparkPlan> mapping) {
    return UnaryExecNode.super.mapChildren(mapping);
  }

  @Override
  public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> children) {
    return withNewChildInternal(children.apply(0));
  }

  @Override
  public SparkPlan withNewChildInternal(SparkPlan other) {
    return new EmbedBatchExec(text, results, passed, limits, other);
  }

  @Override
  public Object[] elements() {
    return new Object[] {text, results, passed, limits, child};
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
