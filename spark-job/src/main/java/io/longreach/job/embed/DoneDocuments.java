package io.longreach.job.embed;

import io.longreach.job.input.Document;
import io.longreach.job.plan.CostPlan;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * The documents that an output has in the {@link DocumentKeys#version} asked for: 8 bytes each, on
 * the driver and once on each executor; nothing where the output is new.
 */
final class DoneDocuments implements CostPlan.Done {
  private static final long serialVersionUID = 1L;

  private final Broadcast<long[]> keys;
  private final String configuration;
  private final int keptColumns;

  private DoneDocuments(Broadcast<long[]> keys, String configuration, int keptColumns) {
    this.keys = keys;
    this.configuration = configuration;
    this.keptColumns = keptColumns;
  }

  /**
   * Of the keys of an output.
   *
   * @param keys sorted
   * @param keptColumns how many columns of the input the output keeps
   */
  static DoneDocuments of(
      JavaSparkContext context, long[] keys, String configuration, int keptColumns) {
    return new DoneDocuments(
        keys.length == 0 ? null : context.broadcast(keys), configuration, keptColumns);
  }

  @Override
  public boolean contains(Document document) {
    return keys != null
        && DocumentKeys.contains(
            keys.value(),
            DocumentKeys.key(
                document.id(), DocumentKeys.version(document, configuration, keptColumns)));
  }
}
