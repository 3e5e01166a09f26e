package io.longreach.kernels.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A parallel loop over a fixed number of threads. Which thread runs an item never changes what the
 * item computes, so results do not depend on the number of threads.
 */
final class Workers implements AutoCloseable {

  /** One item of the loop. */
  @FunctionalInterface
  interface Item {
    void run(int index);
  }

  private final int threads;
  private final ExecutorService pool;

  /**
   * @param threads threads that work at once, the caller's included; 1 starts none
   */
  Workers(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException(
          "threads must be at least 1, was " + threads + ": give the cores of one task");
    }
    this.threads = threads;
    this.pool = threads == 1 ? null : Executors.newFixedThreadPool(threads - 1, Workers::daemon);
  }

  int threads() {
    return threads;
  }

  /** Runs items {@code 0 .. count-1}, each once, and returns when all are done. */
  void forEach(int count, Item item) {
    if (pool == null || count < 2) {
      for (int i = 0; i < count; i++) {
        item.run(i);
      }
      return;
    }
    AtomicInteger next = new AtomicInteger();
    Runnable loop =
        () -> {
          for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
            item.run(i);
          }
        };
    List<Future<?>> others = new ArrayList<>();
    for (int i = 1; i < Math.min(threads, count); i++) {
      others.add(pool.submit(loop));
    }
    Throwable failure = failure(loop);
    // Also when one has failed: no other may still write to the caller's arrays.
    for (Future<?> other : others) {
      Throwable another = failure(() -> await(other));
      failure = failure == null ? another : failure;
    }
    if (failure != null) {
      throw unchecked(failure);
    }
  }

  private static Throwable failure(Runnable work) {
    try {
      work.run();
      return null;
    } catch (RuntimeException | Error e) {
      return e;
    }
  }

  private static void await(Future<?> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          future.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw unchecked(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RuntimeException unchecked(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
  }

  private static Thread daemon(Runnable run) {
    Thread thread = new Thread(run, "longreach-worker");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void close() {
    if (pool != null) {
      pool.shutdown();
    }
  }
}
