package io.longreach.job.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.job.drill.CpuSeconds.Part;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The table that says why, from made-up runs. */
class ScaleTableTest {

  @Test
  void steadyScalingIsComparedWithWhatTheMachineGives() {
    ScalePair pair =
        new ScalePair(
            run(700, 125, Optional.of(new SteadyState(10, 110, 75_000, 3, 0))),
            run(1100, 80, Optional.of(new SteadyState(10, 60, 67_500, 9, 6))),
            new BareEncoders.Reading(800, 1500));
    assertEquals(
        """
        | | one worker | two workers | ratio |
        |---|---:|---:|---:|
        | whole job, tokens/s | 700 | 1,100 | 1.57 |
        | steady state, tokens/s | 750 | 1,350 | 1.80 |
        | bare encoder, tokens/s | 800 | 1,500 | 1.88 |
        | efficiency: steady state over bare encoder | 0.94 | 0.90 | 0.96 |
        | warm-up, core-seconds | 3.0 | 9.0 | |
        | out of work at the end, core-seconds | 0.0 | 6.0 | |
        | CPU of executors, s | 100.0 | 100.0 | |
        | CPU of driver, s | 20.0 | 20.0 | |
        | CPU of master and workers, s | 0.0 | 0.0 | |
        | cores in use, by CPU time | 0.96 | 1.50 | |
        """,
        table(List.of(pair)));
  }

  @Test
  void mediansAreOfRatiosAndNotOfWhatTheyAreMadeOf() {
    // The machine was twice as fast for the second pair.
    List<ScalePair> pairs =
        List.of(pair(100, 180, 100, 200), pair(200, 380, 200, 380), pair(100, 190, 100, 200));
    String table = table(pairs);
    assertTrue(table.contains("| whole job, tokens/s | 100 | 190 | 1.90 |"), table);
    assertTrue(table.contains("| bare encoder, tokens/s | 100 | 200 | 2.00 |"), table);
    assertTrue(table.contains("steady state over bare encoder | 1.00 | 0.95 | 0.95 |"), table);
  }

  @Test
  void withoutASteadyStateTheRestIsThere() {
    ScaleRun run = run(100, 10, Optional.empty());
    String table = table(List.of(new ScalePair(run, run, new BareEncoders.Reading(100, 200))));
    assertTrue(table.contains("| bare encoder, tokens/s | 100 | 200 | 2.00 |"), table);
    assertTrue(table.contains("steady state: too few tasks, give more --documents"), table);
  }

  private static ScalePair pair(double one, double two, double bareOne, double bareTwo) {
    return new ScalePair(
        run(one, 10, Optional.of(new SteadyState(0, 1, one, 0, 0))),
        run(two, 10, Optional.of(new SteadyState(0, 1, two, 0, 0))),
        new BareEncoders.Reading(bareOne, bareTwo));
  }

  private static ScaleRun run(double speed, double seconds, Optional<SteadyState> steady) {
    CpuSeconds cpu = new CpuSeconds();
    cpu.note(Part.EXECUTORS, 1, 60);
    cpu.note(Part.EXECUTORS, 2, 30);
    cpu.note(Part.EXECUTORS, 2, 40);
    cpu.note(Part.DRIVER, 3, 20);
    return new ScaleRun(speed, seconds, steady, cpu);
  }

  private static String table(List<ScalePair> pairs) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ScaleTable.print(pairs, new PrintStream(out, true, StandardCharsets.UTF_8));
    return out.toString(StandardCharsets.UTF_8);
  }
}
