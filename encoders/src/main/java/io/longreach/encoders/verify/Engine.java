package io.longreach.encoders.verify;

import io.longreach.kernels.device.Device;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.plan.LshRotations;
import java.util.BitSet;
import java.util.List;

/**
 * Something that computes attention for one document: a device by its plans, or the reference
 * without any. Tensors are {@code [heads][tokens][headDim]}.
 */
interface Engine {
  String name();

  /** What attention may differ by from float64. */
  double attentionBound();

  /** What the states of a whole encoder may differ by. */
  double encoderBound();

  /**
   * The error of a tensor of an encoder: the largest difference, unless the engine rounds its
   * inputs, which makes it grow with the values.
   *
   * @param largest magnitude of the expected values
   */
  default double error(double difference, double largest) {
    return difference;
  }

  /** The device behind it, for whole encoders. */
  Device device();

  /** The engine of a whole encoder that {@link #device} computes in float32, because it hashes. */
  default Engine inFloat32() {
    return this;
  }

  double[][][] positional(
      List<PositionalPattern> heads, Tensors tensors, double softmaxScale, BitSet valid);

  /** Query and key are one tensor; {@code tensors.key} is not read. */
  double[][][] lsh(Lsh lsh, Tensors tensors, LshRotations rotations, BitSet valid);

  double[][][] linear(Performer performer, Tensors tensors, double[][] projection);

  /** The inputs of one document. */
  record Tensors(double[][][] query, double[][][] key, double[][][] value) {
    int heads() {
      return query.length;
    }

    int tokens() {
      return query[0].length;
    }

    int headDim() {
      return query[0][0].length;
    }
  }
}
