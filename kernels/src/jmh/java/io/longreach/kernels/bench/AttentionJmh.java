package io.longreach.kernels.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One head of attention by JMH: for its profilers; {@code bin/longreach bench} gives the ratios.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class AttentionJmh {
  @Param({"window(64)", "window(256)", "window(512)", "dense"})
  public String pattern;

  @Param("4096")
  public int tokens;

  @Param("64")
  public int headDim;

  private AttentionBenchmark benchmark;

  @Setup(Level.Trial)
  public void open() {
    benchmark = new AttentionBenchmark(pattern, pattern, tokens, headDim);
  }

  @org.openjdk.jmh.annotations.Benchmark
  public void run() {
    benchmark.run();
  }

  @TearDown(Level.Trial)
  public void close() {
    benchmark.close();
  }
}
