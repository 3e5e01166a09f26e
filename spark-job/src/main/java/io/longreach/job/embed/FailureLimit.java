package io.longreach.job.embed;

import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * Stops the job when too many documents have failed; it learns of them with heartbeats, after the
 * listener that counts.
 */
final class FailureLimit extends SparkListener {
  private final SparkContext context;
  private final RunListener run;
  private final Counters counters;
  private final long limit;
  private volatile boolean exceeded;

  FailureLimit(SparkContext context, RunListener run, Counters counters, long limit) {
    this.context = context;
    this.run = run;
    this.counters = counters;
    this.limit = limit;
  }

  /** Whether it stopped the job, or would have had it known in time. */
  boolean exceeded() {
    return exceeded || counters.failures.value() > limit;
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    check();
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    check();
  }

  private void check() {
    if (!exceeded && run.total(counters.failures) > limit) {
      exceeded = true;
      context.cancelAllJobs();
    }
  }
}
