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

/** Linear layers by JMH: for its profilers; {@code bin/longreach bench} gives the ratios. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class LinearJmh {
  /** Rows x inputs x outputs. */
  @Param({"768x384x384", "768x1536x384", "768x768x3072"})
  public String shape;

  private LinearBenchmark benchmark;

  @Setup(Level.Trial)
  public void open() {
    String[] sizes = shape.split("x", -1);
    benchmark =
        new LinearBenchmark(
            Integer.parseInt(sizes[0]), Integer.parseInt(sizes[1]), Integer.parseInt(sizes[2]));
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
