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
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.LshBuckets;
import io.longreach.kernels.plan.LshRotations;
import io.longreach.kernels.plan.LshSchedule;
import io.longreach.kernels.plan.Schedules;
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
      device.linearAttention(input, 0, tokens, features, context);
    } else {
      device.attention(input, 0, schedule(), context, null);
    }
  }

  private AttentionSchedule schedule() {
    if (!(pattern instanceof Lsh lsh)) {
      return Schedules.of(pattern, tokens, device.tiles());
    }
    int headDim = input.headDim();
    LshRotations rotations = LshRotations.draw(lsh, 0, 1, headDim, tokens);
    LshBuckets hash = new LshBuckets(lsh, tokens, rotations);
    float[] rows = device.download(input.query().matrix(), 0, tokens);
    int[][] query = {hash.of(rows, input.query().column(), 3 * headDim, tokens, 0, null)};
    int[][] key = {hash.of(rows, input.key().column(), 3 * headDim, tokens, 0, null)};
    return new LshSchedule(lsh.hashedApart(), hash, query, key, tokens, device.tiles(), null);
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
