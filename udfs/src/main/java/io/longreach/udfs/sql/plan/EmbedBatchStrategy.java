package io.longreach.udfs.sql.plan;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.ModelDescription;
import io.longreach.udfs.sql.BatchSettings;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Statistics;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;
import org.apache.spark.sql.internal.SQLConf;
import scala.collection.immutable.Seq;

/** Plans an {@link EmbedBatch}. */
final class EmbedBatchStrategy extends SparkStrategy {

  /** UTF-8 bytes of a token, about: what English text has in the common tokenizers. */
  private static final double BYTES_PER_TOKEN = 4;

  @Override
  public Seq<SparkPlan> apply(LogicalPlan plan) {
    if (!(plan instanceof EmbedBatch batch)) {
      return Trees.seq(List.of());
    }
    EmbedBatchExec node =
        new EmbedBatchExec(
            batch.text(),
            batch.results(),
            batch.passed(),
            BatchSettings.limits(SQLConf.get()),
            planLater(batch.child()));
    node.setTagValue(EmbedBatchExec.DESCRIPTION, description(batch));
    return Trees.seq(List.of(node));
  }

  /** Model, pattern, device and what it will take, as far as that is known before the texts are. */
  private static String description(EmbedBatch batch) {
    EmbedderOptions options = batch.calls().get(0).options();
    ModelDescription model = Embedder.describe(options);
    int tokens = model.ownTokens();
    boolean auto = options.pattern().equals("auto");
    String pattern = auto ? model.defaultPattern(tokens) : options.pattern();
    double perToken = model.flops(pattern, tokens) / tokens;
    String shown =
        auto
            ? "auto (" + pattern + " to " + tokens + " tokens, then " + beyond(model) + ")"
            : pattern;
    return String.format(
        Locale.ROOT,
        "model %s, pattern %s, device %s, estimated FLOPs %s%.3g a token at %d tokens",
        options.model(),
        shown,
        options.device(),
        total(batch, perToken),
        perToken,
        tokens);
  }

  private static String beyond(ModelDescription model) {
    return model.defaultPattern(2 * model.ownTokens());
  }

  /** Where Spark knows the size of the input. */
  private static String total(EmbedBatch batch, double flopsPerToken) {
    Statistics input = batch.child().stats();
    double bytes = input.sizeInBytes().doubleValue();
    if (bytes >= SQLConf.get().defaultSizeInBytes()) {
      return "";
    }
    double tokens = bytes / BYTES_PER_TOKEN;
    return String.format(
        Locale.ROOT, "%.3g for about %.3g tokens, ", tokens * flopsPerToken, tokens);
  }
}
