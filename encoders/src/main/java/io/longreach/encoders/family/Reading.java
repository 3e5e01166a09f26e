package io.longreach.encoders.family;

import io.longreach.encoders.transformer.PositionPolicy;
import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.plan.LshRotations;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a checkpoint is to be read, beyond what it says itself.
 *
 * @param pattern replaces the attention of every layer; empty for {@code auto}: the checkpoint's
 *     own, and {@code window(256)} instead of dense for documents beyond the model's own range
 * @param positions how learned positions go on beyond their table
 * @param globalTokens positions, ascending; empty for those of the family
 * @param draw of BigBird's random blocks
 * @param rotations of LSH layers by layer, where they are not to be drawn from the seed
 */
public record Reading(
    Optional<AttentionPattern> pattern,
    PositionPolicy positions,
    Optional<List<Integer>> globalTokens,
    RandomDraw draw,
    Map<Integer, LshRotations> rotations) {

  /** Which random blocks a BigBird sees. */
  public enum RandomDraw {
    /** Drawn by the published generator, as in training. */
    AS_TRAINED,
    /** All block 0, as today's published implementation outside training. */
    ZERO
  }

  public Reading(Optional<AttentionPattern> pattern, PositionPolicy positions) {
    this(pattern, positions, Map.of());
  }

  public Reading(
      Optional<AttentionPattern> pattern,
      PositionPolicy positions,
      Map<Integer, LshRotations> rotations) {
    this(pattern, positions, Optional.empty(), RandomDraw.AS_TRAINED, rotations);
  }

  /** The same with other global tokens and random blocks. */
  public Reading with(Optional<List<Integer>> otherGlobalTokens, RandomDraw otherDraw) {
    return new Reading(pattern, positions, otherGlobalTokens, otherDraw, rotations);
  }

  /** The global tokens asked for, or else the family's. */
  int[] globalTokensOr(int... published) {
    return globalTokens
        .map(tokens -> tokens.stream().mapToInt(Integer::intValue).toArray())
        .orElse(published);
  }

  /**
   * @throws IllegalArgumentException if global tokens are asked of a family without projections for
   *     them
   */
  public void checkGlobalTokens(AttentionInUse attention) {
    globalTokens.filter(asked -> !asked.isEmpty()).ifPresent(attention::requireGlobalTokens);
  }

  /** What {@code auto} means everywhere. */
  static Reading defaults() {
    return new Reading(Optional.empty(), PositionPolicy.TILE);
  }

  /** As published. */
  public static Reading published() {
    return new Reading(Optional.empty(), PositionPolicy.NATIVE);
  }
}
