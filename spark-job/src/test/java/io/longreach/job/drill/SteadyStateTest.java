package io.longreach.job.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.job.report.TaskTiming;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The middle of a run and its two ends, on made-up tasks. */
class SteadyStateTest {
  private static final double EXACT = 1e-9;

  /** Warm, each executor does 10 tokens per second; 1 begins and ends later than 0. */
  private final List<TaskTiming> two =
      List.of(
          task("0", 5, 14, 100),
          task("1", 6, 18, 100),
          task("0", 15, 10, 100),
          task("1", 18, 10, 100),
          task("0", 25, 10, 100),
          task("1", 28, 10, 100));

  /** 0 was late and is slow: the one whose first task ends last is also out of work first. */
  private final List<TaskTiming> lateAndShort =
      List.of(
          task("0", 1, 10, 100),
          task("1", 10, 30, 100),
          task("0", 12, 60, 600),
          task("1", 42, 10, 100));

  @Test
  void beginsWhereTheLastIsWarmAndEndsWhereTheFirstIsOutOfWork() {
    SteadyState steady = SteadyState.of(two, 2).orElseThrow();
    assertEquals(24, steady.fromSeconds(), EXACT, "not 19, where executor 0 is warm");
    assertEquals(35, steady.toSeconds(), EXACT, "not 38, where executor 1 ends");
    // 0: one second of its second task and all of the third. 1: 4 seconds, then 7.
    assertEquals(10 + 100 + 40 + 70, steady.tokens(), EXACT);
    assertEquals(20, steady.tokensPerSecond(), EXACT, "twice the 10 of one executor");
  }

  @Test
  void theEndsCostWhatFirstTasksTakeLongerAndWhatExecutorsWaitForTheLast() {
    SteadyState steady = SteadyState.of(two, 2).orElseThrow();
    assertEquals(4 + 8, steady.warmUpSeconds(), EXACT);
    assertEquals(3, steady.idleSeconds(), EXACT, "executor 0 from 35 to 38");
  }

  @Test
  void oneExecutorIsSteadyFromItsSecondTaskToItsEnd() {
    SteadyState steady =
        SteadyState.of(List.of(task("0", 2, 15, 100), task("0", 17, 20, 200)), 1).orElseThrow();
    assertEquals(17, steady.fromSeconds(), EXACT);
    assertEquals(37, steady.toSeconds(), EXACT);
    assertEquals(10, steady.tokensPerSecond(), EXACT);
    assertEquals(5, steady.warmUpSeconds(), EXACT);
    assertEquals(0, steady.idleSeconds(), EXACT);
  }

  @Test
  void aTaskCountsWithTheShareOfItsTimeThatIsInside() {
    SteadyState steady = SteadyState.of(lateAndShort, 2).orElseThrow();
    assertEquals(40, steady.fromSeconds(), EXACT);
    assertEquals(52, steady.toSeconds(), EXACT);
    assertEquals(12 * 10 + 100, steady.tokens(), EXACT, "12 of 60 seconds of 0, all of 1's");
    assertEquals(20, steady.idleSeconds(), EXACT);
  }

  @Test
  void theOrderInWhichTasksEndDoesNotMatter() {
    List<TaskTiming> other = new ArrayList<>(two);
    Collections.reverse(other);
    assertEquals(SteadyState.of(two, 2), SteadyState.of(other, 2));
  }

  @Test
  void noneWhereAnExecutorHasOneTaskOrNone() {
    List<TaskTiming> once =
        List.of(task("0", 0, 10, 100), task("0", 10, 10, 100), task("1", 0, 15, 100));
    assertTrue(SteadyState.of(once, 2).isEmpty());
    assertTrue(SteadyState.of(once.subList(0, 2), 2).isEmpty(), "executor 1 had nothing");
    assertTrue(SteadyState.of(once.subList(0, 2), 1).isPresent());
    assertTrue(SteadyState.of(List.of(), 2).isEmpty());
  }

  static TaskTiming task(String executor, double start, double seconds, long tokens) {
    return new TaskTiming(0, executor, "here", start, seconds, 1, 0, tokens, Map.of());
  }
}
