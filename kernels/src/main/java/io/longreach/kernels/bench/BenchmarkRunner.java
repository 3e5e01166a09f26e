package io.longreach.kernels.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleSupplier;

/**
 * Measures a benchmark, the machine's peak and the peer in turn, and reports medians: the machine
 * may be shared, so two things are compared only within one round.
 */
public final class BenchmarkRunner {

  /**
   * How long to measure.
   *
   * @param warmUpSeconds time given to each side before the first reading, for the JIT compiler
   * @param seconds time for readings of all sides together
   * @param readingSeconds length of one reading: shorter runs are repeated to fill it
   */
  public record Effort(double warmUpSeconds, double seconds, double readingSeconds) {
    /** One solid reading of everything in well under a minute. */
    public static final Effort QUICK = new Effort(0.5, 0.6, 0.1);

    /** Enough rounds for medians worth quoting. */
    public static final Effort FULL = new Effort(2, 8, 0.2);
  }

  private static final int MAX_ROUNDS = 101;

  private final DoubleSupplier peakGflops;
  private final Effort effort;
  private final double[] peaks = new double[10_000];
  private int peakCount;

  /**
   * @param peakGflops takes one short reading of one core's FMA peak
   */
  public BenchmarkRunner(DoubleSupplier peakGflops, Effort effort) {
    this.peakGflops = peakGflops;
    this.effort = effort;
  }

  /** Measures one benchmark; does not close it. */
  public BenchmarkResult measure(Benchmark benchmark) {
    Optional<Benchmark.Peer> peer = benchmark.peer();
    int repeats = warmUp(benchmark::warmUp);
    int peerRepeats = peer.map(p -> warmUp(p.run())).orElse(0);
    double[] seconds = new double[MAX_ROUNDS];
    double[] ofPeak = new double[MAX_ROUNDS];
    double[] ofPeer = new double[MAX_ROUNDS];
    int rounds = 0;
    long end = System.nanoTime() + (long) (effort.seconds * 1e9);
    do {
      double peak = peak();
      seconds[rounds] = secondsPerRun(benchmark::run, repeats);
      ofPeak[rounds] = benchmark.flops() / seconds[rounds] / 1e9 / (peak * benchmark.cores());
      if (peer.isPresent()) {
        double peerSeconds = secondsPerRun(peer.get().run(), peerRepeats) * peer.get().runs();
        ofPeer[rounds] = peerSeconds / seconds[rounds];
      }
      rounds++;
    } while (rounds < MAX_ROUNDS && System.nanoTime() < end);
    double median = median(seconds, rounds);
    boolean counted = benchmark.flops() > 0;
    return new BenchmarkResult(
        benchmark.name(),
        median,
        when(counted, benchmark.flops() / median / 1e9),
        when(counted && benchmark.onCpu(), median(ofPeak, rounds)),
        when(benchmark.tokens() > 0, benchmark.tokens() / median),
        bytesPerToken(benchmark),
        peer.map(Benchmark.Peer::name).orElse(""),
        when(peer.isPresent(), median(ofPeer, rounds)),
        rounds);
  }

  /** Median of all readings of the peak so far, GFLOP/s of one core. */
  public double medianPeak() {
    if (peakCount == 0) {
      peak();
    }
    return median(peaks, Math.min(peakCount, peaks.length));
  }

  private double peak() {
    double peak = peakGflops.getAsDouble();
    peaks[peakCount++ % peaks.length] = peak;
    return peak;
  }

  /** What the thread allocates in one run: an upper bound of what is in use at any time. */
  private static OptionalDouble bytesPerToken(Benchmark benchmark) {
    boolean counts = ManagementFactory.getThreadMXBean() instanceof ThreadMXBean;
    if (!counts || !benchmark.onCpu() || benchmark.tokens() == 0 || benchmark.cores() > 1) {
      return OptionalDouble.empty();
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    long before = threads.getThreadAllocatedBytes(thread);
    benchmark.run();
    long allocated = threads.getThreadAllocatedBytes(thread) - before;
    return OptionalDouble.of((double) allocated / benchmark.tokens());
  }

  /** Runs for the warm-up time and returns how many runs fill one reading. */
  private int warmUp(Runnable run) {
    long start = System.nanoTime();
    double last;
    do {
      last = secondsPerRun(run, 1);
    } while ((System.nanoTime() - start) / 1e9 < effort.warmUpSeconds);
    return (int) Math.max(1, Math.min(1_000_000, Math.ceil(effort.readingSeconds / last)));
  }

  private static double secondsPerRun(Runnable run, int repeats) {
    long start = System.nanoTime();
    for (int i = 0; i < repeats; i++) {
      run.run();
    }
    return (System.nanoTime() - start) / 1e9 / repeats;
  }

  private static OptionalDouble when(boolean applies, double value) {
    return applies ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  static double median(double[] values, int count) {
    double[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    int middle = count / 2;
    return count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
