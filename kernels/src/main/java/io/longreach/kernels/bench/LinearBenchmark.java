package io.longreach.kernels.bench;

import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import java.util.Random;

/** A linear layer of rows x inputs x outputs on one core. */
public final class LinearBenchmark implements Benchmark {
  private final int rows;
  private final int inputs;
  private final int outputs;
  private final Device device = CpuDevice.create(1);
  private final Device.Linear layer;
  private final Matrix in;
  private final Matrix out;

  public LinearBenchmark(int rows, int inputs, int outputs) {
    this.rows = rows;
    this.inputs = inputs;
    this.outputs = outputs;
    Random random = new Random(1);
    this.layer =
        device.linear(uniform(random, inputs * outputs), uniform(random, outputs), inputs, outputs);
    this.in = device.upload(uniform(random, rows * inputs), rows, inputs);
    this.out = device.allocate(rows, outputs);
  }

  private static float[] uniform(Random random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  @Override
  public String name() {
    return "linear/" + rows + "x" + inputs + "x" + outputs;
  }

  @Override
  public void run() {
    device.linear(in, layer, Activation.NONE, out);
  }

  @Override
  public double flops() {
    return 2.0 * rows * inputs * outputs;
  }

  @Override
  public long tokens() {
    return rows;
  }

  @Override
  public void close() {
    device.close();
  }
}
