package io.longreach.job.embed;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.util.LongAccumulator;
import scala.Tuple4;
import scala.jdk.javaapi.CollectionConverters;

/** Stops the job when too many documents have failed; it learns of them with heartbeats. */
final class FailureLimit extends SparkListener {
  private final SparkContext context;
  private final LongAccumulator failures;
  private final long limit;
  private final Map<Long, Long> running = new ConcurrentHashMap<>();
  private volatile boolean exceeded;

  FailureLimit(SparkContext context, LongAccumulator failures, long limit) {
    this.context = context;
    this.failures = failures;
    this.limit = limit;
  }

  /** Whether it stopped the job, or would have had it known in time. */
  boolean exceeded() {
    return exceeded || failures.value() > limit;
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    for (Tuple4<Object, Object, Object, scala.collection.immutable.Seq<AccumulableInfo>> task :
        CollectionConverters.asJava(update.accumUpdates())) {
      for (AccumulableInfo info : CollectionConverters.asJava(task._4())) {
        if (info.id() == failures.id()
            && info.update().isDefined()
            && info.update().get() instanceof Long value) {
          running.put((Long) task._1(), value);
        }
      }
    }
    check();
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    running.remove(end.taskInfo().taskId());
    check();
  }

  private void check() {
    long failed = failures.value() + running.values().stream().mapToLong(Long::longValue).sum();
    if (failed > limit && !exceeded) {
      exceeded = true;
      context.cancelAllJobs();
    }
  }
}
