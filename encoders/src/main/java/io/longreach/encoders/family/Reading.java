package io.longreach.encoders.family;

import io.longreach.encoders.transformer.PositionPolicy;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.plan.LshRotations;
import java.util.Map;
import java.util.Optional;

/**
 * How a checkpoint is to be read, beyond what it says itself.
 *
 * @param pattern replaces the attention of every layer; empty for {@code auto}: the checkpoint's
 *     own, and {@code window(256)} instead of dense for documents beyond the model's own range
 * @param positions how learned positions go on beyond their table
 * @param rotations of LSH layers by layer, where they are not to be drawn from the seed
 */
public record Reading(
    Optional<AttentionPattern> pattern,
    PositionPolicy positions,
    Map<Integer, LshRotations> rotations) {

  public Reading(Optional<AttentionPattern> pattern, PositionPolicy positions) {
    this(pattern, positions, Map.of());
  }

  /** As published. */
  public static Reading published() {
    return new Reading(Optional.empty(), PositionPolicy.NATIVE);
  }
}
