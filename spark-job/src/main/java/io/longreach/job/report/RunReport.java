package io.longreach.job.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a run did, and what the output holds with all runs before it.
 *
 * @param input as the user named it
 * @param coreSeconds of all cores, from the start of the command to its end
 * @param phases seconds of cores by what they were spent on
 * @param taskCosts predicted floating-point operations of each task
 * @param earlier runs into the same output that left a report
 */
public record RunReport(
    String input,
    String output,
    String model,
    Run run,
    Whole whole,
    double coreSeconds,
    Map<Phase, Double> phases,
    double[] taskCosts,
    List<TaskTiming> tasks,
    Throughput throughput,
    List<Run> earlier) {

  /**
   * One run.
   *
   * @param started ISO 8601, UTC
   * @param documents that it tried, failed ones among them
   * @param doneBefore documents of the input that it found done
   * @param predictedTokens before it began
   * @param lostAttempts tasks that had to be repeated
   */
  public record Run(
      String started,
      double seconds,
      int cores,
      int taskCount,
      long documents,
      long failed,
      long tokens,
      long tokensUsed,
      long bytes,
      long doneBefore,
      long predictedTokens,
      int lostAttempts) {}

  /**
   * What the output holds: read back from its files.
   *
   * @param documents with an embedding
   * @param vectors rows, more than documents where these are cut into chunks
   * @param failed in the error table
   * @param failedTokens of failed documents, as far as they were counted
   * @param lengths documents by tokens: entry i counts those of 2^i up to below 2^(i+1)
   * @param reasons failed documents by reason
   */
  public record Whole(
      long documents,
      long vectors,
      long failed,
      long tokens,
      long tokensUsed,
      long failedTokens,
      long[] lengths,
      Map<String, Long> patterns,
      Map<String, Long> devices,
      Map<String, Long> reasons) {

    /** Tokens used of tokens in, failed documents among them. */
    public double coverage() {
      return tokens + failedTokens == 0 ? 1 : (double) tokensUsed / (tokens + failedTokens);
    }
  }

  /** Seconds of the encoder, in linear layers and attention, over those of all cores. */
  public double encoderShare() {
    return share(Phase.LINEAR) + share(Phase.ATTENTION);
  }

  /** Seconds of a phase over those of all cores. */
  public double share(Phase phase) {
    return phases.getOrDefault(phase, 0.0) / Math.max(1e-3, coreSeconds);
  }

  /** For people: {@code 92.1 % encoder, 2.3 % start, ...}; the rest is waiting and all else. */
  public String shares() {
    StringBuilder text = new StringBuilder();
    double rest = 1 - encoderShare();
    for (Phase phase : List.of(Phase.START, Phase.PLAN, Phase.READ, Phase.TOKENIZE, Phase.WRITE)) {
      rest -= share(phase);
      text.append(String.format(Locale.ROOT, ", %.1f %% %s", 100 * share(phase), phase.label()));
    }
    return String.format(
        Locale.ROOT, "%.1f %% encoder%s, %.1f %% rest", 100 * encoderShare(), text, 100 * rest);
  }

  /** Slowest task over the mean task; 1 where there is none. */
  public double skew() {
    double mean = tasks.stream().mapToDouble(TaskTiming::seconds).average().orElse(0);
    double slowest = tasks.stream().mapToDouble(TaskTiming::seconds).max().orElse(0);
    return mean == 0 ? 1 : slowest / mean;
  }

  /** Heaviest task over the mean task, as planned. */
  public double predictedSkew() {
    double sum = 0;
    double most = 0;
    for (double cost : taskCosts) {
      sum += cost;
      most = Math.max(most, cost);
    }
    return sum == 0 ? 1 : most * taskCosts.length / sum;
  }

  /**
   * What a task was predicted to take: its share of the planned work, of the time that all tasks
   * took together.
   */
  public double predictedSeconds(TaskTiming task) {
    double planned = 0;
    double actual = 0;
    for (TaskTiming each : tasks) {
      planned += taskCosts[each.task()];
      actual += each.seconds();
    }
    return planned == 0 ? 0 : taskCosts[task.task()] / planned * actual;
  }
}
