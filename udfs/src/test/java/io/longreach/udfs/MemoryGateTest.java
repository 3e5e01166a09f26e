package io.longreach.udfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemoryGateTest {
  private static final long MIB = 1 << 20;

  @Test
  void whatIsInsideNeverExceedsTheCapacity() throws Exception {
    MemoryGate gate = new MemoryGate(10 * MIB);
    AtomicLong inside = new AtomicLong();
    AtomicLong most = new AtomicLong();
    ExecutorService tasks = Executors.newFixedThreadPool(8);
    List<Future<?>> done = new ArrayList<>();
    for (int task = 0; task < 8; task++) {
      long bytes = (1 + task) * MIB;
      done.add(
          tasks.submit(
              () -> {
                for (int i = 0; i < 200; i++) {
                  try (MemoryGate.Admission admission = gate.admit(bytes)) {
                    most.accumulateAndGet(inside.addAndGet(bytes), Math::max);
                    Thread.onSpinWait();
                    inside.addAndGet(-bytes);
                  }
                }
                return null;
              }));
    }
    for (Future<?> task : done) {
      task.get(30, TimeUnit.SECONDS);
    }
    tasks.shutdown();
    assertTrue(most.get() <= 10 * MIB, "at most " + most.get() + " bytes");
    assertEquals(0, inside.get());
  }

  @Test
  void whatWouldNeverFitIsRefusedWithARemedy() {
    MemoryGate gate = new MemoryGate(10 * MIB);
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> gate.admit(11 * MIB));
    assertEquals(
        "it would take 11 MiB of the 10 MiB that are for encoding, half of the heap: use a pattern"
            + " of bounded reach such as window(256), set a maximum of tokens, or give the executor"
            + " more memory",
        refused.getMessage());
  }

  @Test
  void aTaskThatIsKilledWhileItWaitsTakesNothing() throws Exception {
    MemoryGate gate = new MemoryGate(MIB);
    CountDownLatch waiting = new CountDownLatch(1);
    Thread task;
    try (MemoryGate.Admission all = gate.admit(MIB)) {
      task =
          new Thread(
              () -> {
                waiting.countDown();
                assertThrows(InterruptedException.class, () -> gate.admit(MIB));
              });
      task.start();
      waiting.await();
      task.interrupt();
      task.join(30_000);
    }
    assertFalse(task.isAlive());
    gate.admit(MIB).close();
  }
}
