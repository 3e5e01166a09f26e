package io.longreach.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void everyItemRunsOnce(int threads) {
    try (Workers workers = new Workers(threads)) {
      for (int count : new int[] {0, 1, 2, 7, 1000}) {
        AtomicIntegerArray runs = new AtomicIntegerArray(Math.max(1, count));
        workers.forEach(count, runs::incrementAndGet);
        for (int i = 0; i < count; i++) {
          assertEquals(1, runs.get(i), "item " + i + " of " + count);
        }
      }
    }
  }

  @Test
  void asManyThreadsAsItWasGivenWorkAtOnce() {
    try (Workers workers = new Workers(3)) {
      CountDownLatch together = new CountDownLatch(3);
      Set<Thread> threads = ConcurrentHashMap.newKeySet();
      workers.forEach(
          3,
          item -> {
            threads.add(Thread.currentThread());
            together.countDown();
            await(together);
          });
      assertEquals(3, threads.size(), "each waits for the two others");
      assertTrue(threads.contains(Thread.currentThread()), "the caller is one of them");
    }
  }

  @Test
  void oneThreadIsTheCallers() {
    try (Workers workers = new Workers(1)) {
      Set<Thread> threads = ConcurrentHashMap.newKeySet();
      workers.forEach(5, item -> threads.add(Thread.currentThread()));
      assertEquals(Set.of(Thread.currentThread()), threads);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void aFailureReachesTheCaller(int threads) {
    try (Workers workers = new Workers(threads)) {
      for (int bad = 0; bad < 20; bad++) {
        int failing = bad;
        IllegalStateException failure =
            assertThrows(
                IllegalStateException.class,
                () ->
                    workers.forEach(
                        20,
                        item -> {
                          if (item == failing) {
                            throw new IllegalStateException("item " + item);
                          }
                        }));
        assertEquals("item " + bad, failure.getMessage());
      }
      AtomicInteger runs = new AtomicInteger();
      workers.forEach(20, item -> runs.incrementAndGet());
      assertEquals(20, runs.get(), "the workers outlive a failure");
    }
  }

  /** Whoever catches the failure may reuse or drop the arrays that items write to. */
  @Test
  void afterAFailureNobodyIsStillAtWork() {
    try (Workers workers = new Workers(4)) {
      for (int repeat = 0; repeat < 20; repeat++) {
        AtomicInteger atWork = new AtomicInteger();
        CountDownLatch together = new CountDownLatch(4);
        assertThrows(
            IllegalStateException.class,
            () ->
                workers.forEach(
                    4,
                    item -> {
                      atWork.incrementAndGet();
                      together.countDown();
                      await(together);
                      boolean fails = Thread.currentThread().getName().contains("worker");
                      if (!fails || item % 2 == 0) {
                        pause();
                      }
                      atWork.decrementAndGet();
                      if (fails) {
                        throw new IllegalStateException("item " + item);
                      }
                    }));
        assertEquals(0, atWork.get(), "items still running");
      }
    }
  }

  @Test
  void threadsBelowOneAreRefused() {
    assertEquals(
        "threads must be at least 1, was 0: give the cores of one task",
        assertThrows(IllegalArgumentException.class, () -> new Workers(0)).getMessage());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(10, TimeUnit.SECONDS), "the other threads have come");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
