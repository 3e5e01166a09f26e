package io.longreach.job.report;

import java.util.Map;

/**
 * One task that embedded.
 *
 * @param executor as Spark numbers it, on {@code host}
 * @param startSeconds since the start of the run
 * @param seconds that it ran
 * @param tokens that entered the encoder
 * @param parts seconds by what they were spent on
 */
public record TaskTiming(
    int task,
    String executor,
    String host,
    double startSeconds,
    double seconds,
    long documents,
    long failures,
    long tokens,
    Map<Phase, Double> parts) {

  /** Seconds since the start of the run. */
  public double endSeconds() {
    return startSeconds + seconds;
  }
}
