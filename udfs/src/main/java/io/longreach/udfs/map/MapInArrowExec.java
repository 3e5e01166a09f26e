package io.longreach.udfs.map;

import java.util.Arrays;
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
public final class MapInArrowExec extends SparkPlan {
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

  private Object[] elements() {
    return new Object[] {function, output, child};
  }

  @Override
  public int productArity() {
    return elements().length;
  }

  @Override
  public Object productElement(int index) {
    return elements()[index];
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof MapInArrowExec;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MapInArrowExec map && Arrays.equals(elements(), map.elements());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(elements());
  }
}
