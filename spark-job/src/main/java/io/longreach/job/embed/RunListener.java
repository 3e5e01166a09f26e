package io.longreach.job.embed;

import io.longreach.job.report.Phase;
import io.longreach.job.report.TaskTiming;
import io.longreach.job.report.Throughput;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkContext;
import org.apache.spark.Success$;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.util.LongAccumulator;
import scala.Tuple4;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What Spark tells of the run: running tasks with their executors' heartbeats, finished tasks with
 * their end. Memory in proportion to the tasks.
 */
final class RunListener extends SparkListener {
  /** Spark's own key: its page shows the description, and stages are told apart by it. */
  private static final String DESCRIPTION = "spark.job.description";

  private final Counters counters;
  private final long startMillis = System.currentTimeMillis();
  private final Map<Long, Map<Long, Long>> running = new ConcurrentHashMap<>();

  /** Not the counters' own values, which are ahead of the events: nothing is counted twice. */
  private final Map<Long, Long> finished = new ConcurrentHashMap<>();

  private final Set<Long> ended = ConcurrentHashMap.newKeySet();
  private final Map<Integer, Phase> phases = new HashMap<>();
  private final Map<Phase, Double> seconds = new EnumMap<>(Phase.class);
  private final List<TaskTiming> tasks = new ArrayList<>();
  private final Throughput throughput = new Throughput();
  private long firstJobMillis;
  private int lostAttempts;

  RunListener(Counters counters) {
    this.counters = counters;
  }

  /** What finished and running tasks have counted so far. */
  long total(LongAccumulator counter) {
    long total = finished.getOrDefault(counter.id(), 0L);
    for (Map<Long, Long> counts : running.values()) {
      total += counts.getOrDefault(counter.id(), 0L);
    }
    return total;
  }

  @Override
  public synchronized void onJobStart(SparkListenerJobStart start) {
    firstJobMillis = firstJobMillis == 0 ? start.time() : firstJobMillis;
    Object description = start.properties() == null ? null : start.properties().get(DESCRIPTION);
    Phase.ofDescription(String.valueOf(description))
        .ifPresent(
            phase -> {
              for (Object stage : CollectionConverters.asJava(start.stageIds())) {
                phases.put((Integer) stage, phase);
              }
            });
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    for (Tuple4<Object, Object, Object, scala.collection.immutable.Seq<AccumulableInfo>> task :
        CollectionConverters.asJava(update.accumUpdates())) {
      if (!ended.contains((Long) task._1())) {
        running.put((Long) task._1(), longs(task._4()));
      }
    }
    sample();
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    ended.add(end.taskInfo().taskId());
    running.remove(end.taskInfo().taskId());
    synchronized (this) {
      if (end.reason() == Success$.MODULE$) {
        note(end);
      } else {
        lostAttempts++;
      }
    }
    sample();
  }

  private void note(SparkListenerTaskEnd end) {
    Map<Long, Long> counts = longs(end.taskInfo().accumulables());
    double run = end.taskMetrics() == null ? 0 : end.taskMetrics().executorRunTime() / 1e3;
    if (!counts.containsKey(counters.rowNanos.id())) {
      phases.computeIfPresent(
          end.stageId(),
          (stage, phase) -> {
            seconds.merge(phase == Phase.WRITE ? Phase.READ : phase, run, Double::sum);
            return phase;
          });
      return;
    }
    counts.forEach((counter, count) -> finished.merge(counter, count, Long::sum));
    Map<Phase, Double> parts = parts(counts, run);
    parts.forEach((phase, part) -> seconds.merge(phase, part, Double::sum));
    tasks.add(
        new TaskTiming(
            end.taskInfo().partitionId(),
            end.taskInfo().executorId(),
            end.taskInfo().host(),
            (end.taskInfo().launchTime() - startMillis) / 1e3,
            run,
            counts.getOrDefault(counters.documents.id(), 0L),
            counts.getOrDefault(counters.failures.id(), 0L),
            counts.getOrDefault(counters.tokensUsed.id(), 0L),
            parts));
  }

  private Map<Phase, Double> parts(Map<Long, Long> counts, double run) {
    double open = seconds(counts, counters.openNanos);
    double rows = seconds(counts, counters.rowNanos);
    double read = seconds(counts, counters.readNanos);
    double tokenize = seconds(counts, counters.tokenizeNanos);
    double encode = seconds(counts, counters.encodeNanos);
    double attention = seconds(counts, counters.attentionNanos);
    double wait = seconds(counts, counters.admissionNanos);
    Map<Phase, Double> parts = new EnumMap<>(Phase.class);
    parts.put(Phase.START, open);
    parts.put(Phase.READ, read);
    parts.put(Phase.TOKENIZE, tokenize);
    parts.put(Phase.LINEAR, encode - attention);
    parts.put(Phase.ATTENTION, attention);
    parts.put(Phase.WAIT, wait);
    parts.put(Phase.WRITE, Math.max(0, run - open - rows));
    parts.put(Phase.OTHER, Math.max(0, rows - read - tokenize - encode - wait));
    return parts;
  }

  private static double seconds(Map<Long, Long> counts, LongAccumulator nanos) {
    return counts.getOrDefault(nanos.id(), 0L) / 1e9;
  }

  private static Map<Long, Long> longs(scala.collection.immutable.Seq<AccumulableInfo> infos) {
    Map<Long, Long> values = new HashMap<>();
    for (AccumulableInfo info : CollectionConverters.asJava(infos)) {
      if (info.update().isDefined() && info.update().get() instanceof Long value) {
        values.put(info.id(), value);
      }
    }
    return values;
  }

  private synchronized void sample() {
    throughput.add((System.currentTimeMillis() - startMillis) / 1e3, total(counters.tokensUsed));
  }

  /** Waits until everything that Spark has told so far has come here. */
  void awaitEvents(SparkContext context) {
    try {
      context.listenerBus().waitUntilEmpty();
    } catch (TimeoutException e) {
      throw new IllegalStateException("Spark's events do not come to an end", e);
    }
  }

  /** Tasks that embedded, in the order of their ends. */
  synchronized List<TaskTiming> tasks() {
    return List.copyOf(tasks);
  }

  /** When the first job of this run began, in milliseconds since 1970; 0 before it. */
  synchronized long firstJobMillis() {
    return firstJobMillis;
  }

  /** Seconds of tasks by what they were spent on. */
  synchronized Map<Phase, Double> phases() {
    return new EnumMap<>(seconds);
  }

  synchronized Throughput throughput() {
    return throughput.copy();
  }

  /** Attempts of tasks that failed or were lost, and had to be repeated. */
  synchronized int lostAttempts() {
    return lostAttempts;
  }
}
