package io.longreach.job.embed;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.plan.CostModel;
import io.longreach.job.plan.CostPlan;
import io.longreach.job.plan.Totals;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.PriorityQueue;
import org.apache.spark.api.java.JavaSparkContext;

/** Says what a run would be, from its plan and a quick calibration; writes nothing. */
final class DryRun {
  private final JavaSparkContext context;
  private final EmbedderOptions options;
  private final CostModel costs;
  private final Embedder embedder;
  private final PrintStream out;

  DryRun(
      JavaSparkContext context,
      EmbedderOptions options,
      CostModel costs,
      Embedder embedder,
      PrintStream out) {
    this.context = context;
    this.options = options;
    this.costs = costs;
    this.embedder = embedder;
    this.out = out;
  }

  void print(CostPlan plan, EmbedRequest.TokenCounts counts) {
    Totals totals = plan.totals();
    line("documents", "%,d to embed, %,d done already", totals.documents(), totals.done());
    if (totals.documents() == 0) {
      return;
    }
    long longest = Math.max(1, totals.largestTokens());
    line(
        "tokens",
        "%,d%s in %,d bytes, %,d in the longest document",
        totals.tokens(),
        counts == EmbedRequest.TokenCounts.EXACT ? "" : " about",
        totals.bytes(),
        longest);
    line("model", "%s on %s", embedder.model(), embedder.device());
    line("pattern", "%s for the longest document", embedder.pattern((int) used(longest)));
    line("work", "%.3g FLOPs", totals.cost());
    double[] tasks = plan.taskCosts();
    double mean = Arrays.stream(tasks).sum() / tasks.length;
    line(
        "tasks",
        "%,d on %,d cores, the heaviest %.2f x the mean",
        tasks.length,
        context.defaultParallelism(),
        Arrays.stream(tasks).max().orElse(0) / mean);
    Calibration.Speed speed =
        Calibration.measure(context, options, costs, totals.tokens() / totals.documents());
    line(
        "time",
        "about %s, at %.1f GFLOP/s a core (measured now)",
        Progress.duration(lastEnd(tasks, context.defaultParallelism()) / speed.flopsPerSecond()),
        speed.flopsPerSecond() / 1e9);
    memory(longest, speed.encodingBytes());
    line("output", "nothing was written");
  }

  private void memory(long longest, long admitted) {
    int tokens = (int) Math.min(Integer.MAX_VALUE - 8, longest);
    long bytes = embedder.bytes(() -> new int[tokens]);
    line(
        "memory",
        "%,d MiB for the states of the longest document, of %,d MiB that an executor has for them%s",
        Math.max(1, bytes >> 20),
        admitted >> 20,
        bytes > admitted ? ": it will fail, see --pattern and --max-tokens" : "");
  }

  private long used(long tokens) {
    return options.maxTokens() > 0 ? Math.min(tokens, options.maxTokens()) : tokens;
  }

  /** When the last task ends if each goes to the first core that is free. */
  static double lastEnd(double[] tasks, int cores) {
    PriorityQueue<Double> free = new PriorityQueue<>();
    for (int core = 0; core < cores; core++) {
      free.add(0.0);
    }
    double last = 0;
    for (double task : tasks) {
      double end = free.remove() + task;
      last = Math.max(last, end);
      free.add(end);
    }
    return last;
  }

  private void line(String name, String format, Object... values) {
    out.printf(Locale.ROOT, "%-10s %s%n", name, String.format(Locale.ROOT, format, values));
  }
}
