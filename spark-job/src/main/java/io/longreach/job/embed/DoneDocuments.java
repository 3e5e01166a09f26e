package io.longreach.job.embed;

import io.longreach.job.input.Document;
import io.longreach.job.plan.CostPlan;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * The documents that an output has with their content and configuration: 8 bytes each, on the
 * driver and once on each executor; nothing where the output is new.
 */
final class DoneDocuments implements CostPlan.Done {
  private static final long serialVersionUID = 1L;

  private final Broadcast<long[]> keys;
  private final String configuration;

  private DoneDocuments(Broadcast<long[]> keys, String configuration) {
    this.keys = keys;
    this.configuration = configuration;
  }

  /**
   * Of the keys of an output.
   *
   * @param keys sorted
   */
  static DoneDocuments of(JavaSparkContext context, long[] keys, String configuration) {
    return new DoneDocuments(keys.length == 0 ? null : context.broadcast(keys), configuration);
  }

  @Override
  public boolean contains(Document document) {
    return keys != null
        && DocumentKeys.contains(
            keys.value(),
            DocumentKeys.key(document.id(), DocumentKeys.contentHash(document), configuration));
  }
}
