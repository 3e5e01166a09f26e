package io.longreach.job;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "bench", description = "Measures the kernels, the encoder and the job.")
final class BenchCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    throw new UsageException("not yet");
  }
}
