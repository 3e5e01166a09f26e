package io.longreach.udfs.map;

import io.longreach.udfs.CatalystNode;
import java.util.List;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.internal.SQLConf;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Runs {@link MapInArrow}: rows in, Arrow batches through the function, rows out. */
public final class MapInArrowExec extends SparkPlan implements CatalystNode {
  private static final long serialVersionUID = 1L;

  private final ArrowFunction function;
  private final Seq<Attribute> output;
  private final SparkPlan child;

  public MapInArrowExec(ArrowFunction function, Seq<Attribute> output, SparkPlan child) {
    this.function = function;
    this.output = output;
    this.child = child;
  }

  @Override
  public Seq<Attribute> output() {
    return output;
  }

  @Override
  public AttributeSet references() {
    return child.outputSet();
  }

  @Override
  public AttributeSet producedAttributes() {
    return outputSet();
  }

  @Override
  public RDD<InternalRow> doExecute() {
    SQLConf conf = SQLConf.get();
    ArrowTask task =
        new ArrowTask(
            function, child.schema(), schema(), conf.sessionLocalTimeZone(), BatchBounds.of(conf));
    return child.execute().toJavaRDD().mapPartitions(task).rdd();
  }

  @Override
  public Seq<SparkPlan> children() {
    return CollectionConverters.asScala(List.of(child)).toSeq();
  }

  @Override
  public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> children) {
    return new MapInArrowExec(function, output, children.apply(0));
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
