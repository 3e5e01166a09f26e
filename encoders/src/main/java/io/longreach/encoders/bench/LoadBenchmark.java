package io.longreach.encoders.bench;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.kernels.bench.Benchmark;

/** Opening a model: reading, hashing and packing its weights, and its tokenizer. */
public record LoadBenchmark(String model) implements Benchmark {

  @Override
  public String name() {
    return "load/" + model;
  }

  @Override
  public void run() {
    Embedder.open(new EmbedderOptions(model, "auto", "tile", 0, "cpu", 1)).close();
  }

  @Override
  public double flops() {
    return 0;
  }
}
