package io.longreach.kernels.bench;

import java.util.Optional;

/** One thing that can be measured, and optionally the same work done by a peer. */
public interface Benchmark extends AutoCloseable {

  /** For example {@code attention/window-256}. */
  String name();

  /** Does the work once. */
  void run();

  /** What is repeated before the first reading: the work, or some of it where it takes long. */
  default void warmUp() {
    run();
  }

  /** Useful floating-point operations of one {@link #run}; 0 where that does not apply. */
  double flops();

  /** Tokens of one {@link #run}; 0 where that does not apply. */
  default long tokens() {
    return 0;
  }

  /**
   * Cores that {@link #run} may use; the peak it is compared with is this many times one core's.
   */
  default int cores() {
    return 1;
  }

  /** Whether the cores do the work, so that their peak is what it is compared with. */
  default boolean onCpu() {
    return true;
  }

  /** The same work by other software, measured in turn with this. */
  default Optional<Peer> peer() {
    return Optional.empty();
  }

  @Override
  default void close() {}

  /**
   * Other software doing the same work.
   *
   * @param name for people, with its version
   * @param run does the work, or some of it where it takes long
   * @param runs how many runs are all of the work
   */
  record Peer(String name, Runnable run, int runs) {

    /** That does the work at once. */
    public Peer(String name, Runnable run) {
      this(name, run, 1);
    }
  }
}
