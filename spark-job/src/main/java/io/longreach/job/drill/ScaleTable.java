package io.longreach.job.drill;

import io.longreach.job.drill.CpuSeconds.Part;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Why two workers do what they do over one: medians over the pairs of runs. */
final class ScaleTable {
  private static final Sides BARE = new Sides(pair -> pair.bare().one(), pair -> pair.bare().two());

  private final List<ScalePair> pairs;
  private final PrintStream out;

  private ScaleTable(List<ScalePair> pairs, PrintStream out) {
    this.pairs = pairs;
    this.out = out;
  }

  static void print(List<ScalePair> pairs, PrintStream out) {
    new ScaleTable(pairs, out).print();
  }

  private void print() {
    out.println("| | one worker | two workers | ratio |");
    out.println("|---|---:|---:|---:|");
    ratios("whole job, tokens/s", "%,.0f", run(ScaleRun::tokensPerSecond));
    if (pairs.stream().allMatch(ScalePair::isSteady)) {
      steady();
    } else {
      out.println("| steady state: too few tasks, give more --documents or --tasks | | | |");
      ratios("bare encoder, tokens/s", "%,.0f", BARE);
    }
    for (Part part : Part.values()) {
      values("CPU of " + part.label() + ", s", "%.1f", run(run -> run.cpu().of(part)));
    }
    values("cores in use, by CPU time", "%.2f", run(ScaleRun::busyCores));
  }

  private void steady() {
    Sides steady = steady(SteadyState::tokensPerSecond);
    ratios("steady state, tokens/s", "%,.0f", steady);
    ratios("bare encoder, tokens/s", "%,.0f", BARE);
    ratios("efficiency: steady state over bare encoder", "%.2f", steady.over(BARE));
    values("warm-up, core-seconds", "%.1f", steady(SteadyState::warmUpSeconds));
    values("out of work at the end, core-seconds", "%.1f", steady(SteadyState::idleSeconds));
  }

  /** A figure of one worker and of two. */
  private record Sides(ToDoubleFunction<ScalePair> one, ToDoubleFunction<ScalePair> two) {
    double ratio(ScalePair pair) {
      return two.applyAsDouble(pair) / one.applyAsDouble(pair);
    }

    Sides over(Sides other) {
      return new Sides(
          pair -> one.applyAsDouble(pair) / other.one.applyAsDouble(pair),
          pair -> two.applyAsDouble(pair) / other.two.applyAsDouble(pair));
    }
  }

  private static Sides run(ToDoubleFunction<ScaleRun> figure) {
    return new Sides(
        pair -> figure.applyAsDouble(pair.one()), pair -> figure.applyAsDouble(pair.two()));
  }

  private static Sides steady(ToDoubleFunction<SteadyState> figure) {
    return run(run -> figure.applyAsDouble(run.steady().orElseThrow()));
  }

  private void ratios(String name, String format, Sides sides) {
    row(name, format, sides, String.format(Locale.ROOT, "%.2f ", median(pairs, sides::ratio)));
  }

  private void values(String name, String format, Sides sides) {
    row(name, format, sides, "");
  }

  private void row(String name, String format, Sides sides, String ratio) {
    String row = "| %s | " + format + " | " + format + " | %s|%n";
    out.printf(
        Locale.ROOT, row, name, median(pairs, sides.one()), median(pairs, sides.two()), ratio);
  }

  static double median(List<ScalePair> pairs, ToDoubleFunction<ScalePair> figure) {
    double[] sorted = pairs.stream().mapToDouble(figure).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
