package io.longreach.encoders.verify;

import io.longreach.kernels.device.Device;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.plan.LshRotations;
import io.longreach.kernels.reference.FavorReference;
import io.longreach.kernels.reference.LshReference;
import io.longreach.kernels.reference.PositionalReference;
import io.longreach.kernels.reference.ReferenceDevice;
import java.util.BitSet;
import java.util.List;

/** The double-precision references, which know no plans. */
final class ReferenceEngine implements Engine {
  private static final double BOUND = 1e-6;
  private static final double ENCODER_BOUND = 2e-6;

  private final Device device = new ReferenceDevice();

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public double attentionBound() {
    return BOUND;
  }

  @Override
  public double encoderBound() {
    return ENCODER_BOUND;
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public double[][][] positional(
      List<PositionalPattern> heads, Tensors tensors, double softmaxScale, BitSet valid) {
    double[][][] context = new double[tensors.heads()][][];
    for (int head = 0; head < context.length; head++) {
      context[head] =
          PositionalReference.context(
              heads.get(head),
              tensors.query()[head],
              tensors.key()[head],
              tensors.value()[head],
              softmaxScale,
              valid);
    }
    return context;
  }

  @Override
  public double[][][] lsh(Lsh lsh, Tensors tensors, LshRotations rotations, BitSet valid) {
    double[][][] context = new double[tensors.heads()][][];
    for (int head = 0; head < context.length; head++) {
      context[head] =
          LshReference.context(
              lsh, tensors.query()[head], tensors.value()[head], rotations, head, valid);
    }
    return context;
  }

  @Override
  public double[][][] linear(Performer performer, Tensors tensors, double[][] projection) {
    double[][][] context = new double[tensors.heads()][][];
    for (int head = 0; head < context.length; head++) {
      context[head] =
          FavorReference.context(
              performer.kernel(),
              performer.direction(),
              tensors.query()[head],
              tensors.key()[head],
              tensors.value()[head],
              projection);
    }
    return context;
  }
}
