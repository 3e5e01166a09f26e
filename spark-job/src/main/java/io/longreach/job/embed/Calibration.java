package io.longreach.job.embed;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.plan.CostModel;
import io.longreach.udfs.Embedders;
import io.longreach.udfs.MemoryGate;
import java.util.Collections;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;

/** How fast the executors run this model: a second on every core, all at the same time. */
final class Calibration {
  private static final String SENTENCE = "The people have entrusted their government to the few. ";
  private static final int MOST_TOKENS = 4096;
  private static final int FEWEST_TOKENS = 32;
  private static final double SECONDS = 1;

  private Calibration() {}

  /**
   * What executors can do.
   *
   * @param flopsPerSecond of one core, the mean of all
   * @param encodingBytes that each admits, the least of all
   */
  record Speed(double flopsPerSecond, long encodingBytes) {}

  /**
   * Measures.
   *
   * @param tokens of a typical document
   */
  static Speed measure(
      JavaSparkContext context, EmbedderOptions options, CostModel costs, long tokens) {
    int typical = (int) Math.max(FEWEST_TOKENS, Math.min(MOST_TOKENS, tokens));
    int cores = context.defaultParallelism();
    List<double[]> measured =
        context
            .parallelize(Collections.nCopies(cores, typical), cores)
            .map(
                length ->
                    new double[] {
                      flopsPerSecond(Embedders.get(options), costs, length),
                      MemoryGate.ofExecutor().capacityBytes()
                    })
            .collect();
    return new Speed(
        measured.stream().mapToDouble(each -> each[0]).average().orElseThrow(),
        (long) measured.stream().mapToDouble(each -> each[1]).min().orElseThrow());
  }

  private static double flopsPerSecond(Embedder embedder, CostModel costs, int tokens) {
    Embedder.Tokens document = embedder.tokenize(SENTENCE.repeat(tokens / 10 + 1));
    List<Embedder.Tokens> batch =
        Collections.nCopies(Math.max(1, MOST_TOKENS / document.ids().length), document);
    double flops = batch.size() * costs.flops(document.ids().length);
    embedder.embed(batch);
    long start = System.nanoTime();
    int runs = 0;
    double seconds;
    do {
      embedder.embed(batch);
      runs++;
      seconds = (System.nanoTime() - start) / 1e9;
    } while (seconds < SECONDS);
    return runs * flops / seconds;
  }
}
