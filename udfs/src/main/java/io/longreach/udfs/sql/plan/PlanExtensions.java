package io.longreach.udfs.sql.plan;

import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.SparkSessionExtensionsProvider;
import scala.runtime.BoxedUnit;

/** Adds the batches to every session: Spark finds it when the jar is on its path. */
public final class PlanExtensions implements SparkSessionExtensionsProvider {

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    extensions.injectPostHocResolutionRule(session -> new DeferredText.In());
    extensions.injectOptimizerRule(session -> new DeferredText.Out());
    extensions.injectPreCBORule(session -> new EmbeddingBatches());
    extensions.injectPlannerStrategy(session -> new EmbedBatchStrategy());
    extensions.injectColumnar(session -> new BatchTransitions());
    return BoxedUnit.UNIT;
  }
}
