package io.longreach.udfs.map;

import java.util.List;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Plans {@link MapInArrow}. */
public final class MapInArrowStrategy extends SparkStrategy {

  @Override
  public Seq<SparkPlan> apply(LogicalPlan plan) {
    List<SparkPlan> planned =
        plan instanceof MapInArrow map
            ? List.of(new MapInArrowExec(map.function(), map.output(), planLater(map.child())))
            : List.of();
    return CollectionConverters.asScala(planned).toSeq();
  }
}
