package io.longreach.udfs.map;

import io.longreach.udfs.CatalystNode;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** All columns of a plan through a function over Arrow batches. */
public final class MapInArrow extends LogicalPlan implements CatalystNode {
  private final ArrowFunction function;
  private final Seq<Attribute> output;
  private final LogicalPlan child;

  public MapInArrow(ArrowFunction function, Seq<Attribute> output, LogicalPlan child) {
    this.function = function;
    this.output = output;
    this.child = child;
  }

  ArrowFunction function() {
    return function;
  }

  LogicalPlan child() {
    return child;
  }

  @Override
  public Seq<Attribute> output() {
    return output;
  }

  /** The function sees every column: none may be pruned. */
  @Override
  public AttributeSet references() {
    return child.outputSet();
  }

  @Override
  public AttributeSet producedAttributes() {
    return outputSet();
  }

  @Override
  public Seq<LogicalPlan> children() {
    return CollectionConverters.asScala(List.of(child)).toSeq();
  }

  @Override
  public LogicalPlan withNewChildrenInternal(IndexedSeq<LogicalPlan> children) {
    return new MapInArrow(function, output, children.apply(0));
  }

  @Override
  public Object[] elements() {
    return new Object[] {function, output, child};
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
