package io.longreach.job.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.job.drill.CpuSeconds.Part;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** CPU time of processes, this one among them. */
class CpuSecondsTest {

  @Test
  void whatAProcessTookBeforeTheRunIsLeftOut() {
    ProcessHandle self = ProcessHandle.current();
    double before = seconds(self);
    assertTrue(before > 0, "no CPU time is told of this process");
    CpuSeconds cpu = new CpuSeconds();
    cpu.begin(Stream.of(self));
    cpu.note(Part.MASTER_AND_WORKERS, self.pid(), seconds(self) + 5);
    double own = cpu.of(Part.MASTER_AND_WORKERS);
    assertTrue(own >= 5 && own < 5 + before, own + " of " + before);
  }

  @Test
  void theLastReadingOfEachProcessCounts() {
    CpuSeconds cpu = new CpuSeconds();
    cpu.note(Part.EXECUTORS, 1, 2);
    cpu.note(Part.EXECUTORS, 1, 7);
    cpu.note(Part.EXECUTORS, 2, 4);
    // A process that has just ended tells nothing.
    cpu.note(Part.EXECUTORS, 2, 0);
    cpu.note(Part.DRIVER, 3, 1);
    assertEquals(11, cpu.of(Part.EXECUTORS));
    assertEquals(12, cpu.total());
    assertEquals(0, cpu.of(Part.MASTER_AND_WORKERS));
  }

  private static double seconds(ProcessHandle process) {
    return process.info().totalCpuDuration().map(Duration::toMillis).orElse(0L) / 1e3;
  }
}
