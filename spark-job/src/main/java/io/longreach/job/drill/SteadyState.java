package io.longreach.job.drill;

import io.longreach.job.report.TaskTiming;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The middle of a run, in which every executor is warm and none is out of work, and what its two
 * ends have cost.
 *
 * <pre>
 * executor 0  |first |task |task |task |..idle..|
 * executor 1  |first  |task  |task  |task       |
 *                     ^from            ^to
 * </pre>
 *
 * @param fromSeconds when the last executor ended its first task, since the start of the run
 * @param toSeconds when the first executor ended its last task
 * @param tokens done in between; of a task that lies across an end, the share of its time
 * @param warmUpSeconds of all executors: what their first tasks took longer than as many tokens of
 *     their later ones
 * @param idleSeconds of all executors: between their last task and the last of all
 */
record SteadyState(
    double fromSeconds, double toSeconds, double tokens, double warmUpSeconds, double idleSeconds) {

  /**
   * That of a run; none where an executor had no task after its first one, or a first one was still
   * running when another executor was out of work.
   *
   * @param tasks each on an executor of one core
   * @param executors that the run should have had
   */
  static Optional<SteadyState> of(List<TaskTiming> tasks, int executors) {
    Map<String, List<TaskTiming>> byExecutor =
        tasks.stream()
            .sorted(Comparator.comparingDouble(TaskTiming::startSeconds))
            .collect(Collectors.groupingBy(TaskTiming::executor));
    double from = 0;
    double to = Double.POSITIVE_INFINITY;
    double end = tasks.stream().mapToDouble(TaskTiming::endSeconds).max().orElse(0);
    double warmUp = 0;
    double idle = 0;
    for (List<TaskTiming> own : byExecutor.values()) {
      double last = own.get(own.size() - 1).endSeconds();
      from = Math.max(from, own.get(0).endSeconds());
      to = Math.min(to, last);
      warmUp += warmUp(own.get(0), own.subList(1, own.size()));
      idle += end - last;
    }
    return byExecutor.size() == executors && from < to
        ? Optional.of(new SteadyState(from, to, tokens(tasks, from, to), warmUp, idle))
        : Optional.empty();
  }

  private static double warmUp(TaskTiming first, List<TaskTiming> later) {
    double seconds = later.stream().mapToDouble(TaskTiming::seconds).sum();
    long tokens = later.stream().mapToLong(TaskTiming::tokens).sum();
    return first.seconds() - first.tokens() * seconds / Math.max(1, tokens);
  }

  private static double tokens(List<TaskTiming> tasks, double from, double to) {
    double tokens = 0;
    for (TaskTiming task : tasks) {
      double within = Math.min(to, task.endSeconds()) - Math.max(from, task.startSeconds());
      tokens += within <= 0 ? 0 : task.tokens() * within / task.seconds();
    }
    return tokens;
  }

  double tokensPerSecond() {
    return tokens / (toSeconds - fromSeconds);
  }
}
