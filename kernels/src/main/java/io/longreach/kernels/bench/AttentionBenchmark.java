package io.longreach.kernels.bench;

import io.longreach.kernels.cpu.CpuDevice;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.plan.AttentionCost;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshRotations;
import io.longreach.kernels.plan.Schedules;
import java.util.List;
import java.util.Random;

/** Attention of one head over random tokens on one core, planning and hashing included. */
public final class AttentionBenchmark implements Benchmark {
  private final String name;
  private final AttentionPattern pattern;
  private final int tokens;
  private final Device device = CpuDevice.create(1);
  private final AttentionInput input;
  private final Matrix context;
  private final double flops;

  public AttentionBenchmark(String name, String pattern, int tokens, int headDim) {
    this.name = name;
    this.pattern = AttentionPattern.parse(pattern);
    this.tokens = tokens;
    float[] values = new float[3 * tokens * headDim];
    Random random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Matrix qkv = device.upload(values, tokens, 3 * headDim);
    this.input =
        new AttentionInput(
            new View(qkv, 0),
            new View(qkv, headDim),
            new View(qkv, 2 * headDim),
            1,
            headDim,
            (float) (1 / Math.sqrt(headDim)));
    this.context = device.allocate(tokens, headDim);
    this.flops = AttentionCost.of(this.pattern, 0, 1, headDim, tokens).flops();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void run() {
    if (pattern instanceof Performer performer) {
      FeatureMap features = FeatureMap.draw(performer, 0, input.headDim());
      device.linearAttention(input, List.of(new Device.PlacedRows(0, tokens)), features, context);
    } else if (pattern instanceof Lsh lsh) {
      LshRotations rotations = LshRotations.draw(lsh, 0, 1, input.headDim(), tokens);
      LshDocument document = new LshDocument(lsh.hashedApart(), rotations, tokens, null);
      device.lshAttention(input, List.of(new Device.PlacedLsh(0, document)), context);
    } else {
      device.attention(input, 0, Schedules.of(pattern, tokens, device.tiles()), context, null);
    }
  }

  @Override
  public double flops() {
    return flops;
  }

  @Override
  public long tokens() {
    return tokens;
  }

  @Override
  public void close() {
    device.close();
  }
}
