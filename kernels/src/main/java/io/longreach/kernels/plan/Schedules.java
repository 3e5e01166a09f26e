package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Global;
import io.longreach.kernels.pattern.PositionalPattern;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Lowers positional patterns to schedules.
 *
 * <p><b>Cost.</b> Orders and random blocks of O(tokens) are laid out here where a pattern has them;
 * tiles are planned when a range is asked for, in time proportional to its queries' key runs.
 */
public final class Schedules {
  private Schedules() {}

  /**
   * The schedule of a pattern whose heads are alike (layer 0, head 0 where it draws by place).
   *
   * @param tokens the length the document counts as, at least 1
   * @throws IllegalArgumentException if the pattern depends on content, or cannot be laid over so
   *     many tokens
   */
  public static AttentionSchedule of(AttentionPattern pattern, int tokens, TileShape tiles) {
    return of(pattern, 0, 1, tokens, tiles, null);
  }

  /**
   * The schedule of one layer.
   *
   * @param heads number of heads; where the pattern does not tell them apart they share their plans
   * @param valid the tokens that are no padding, holes allowed; null for all. Other keys are seen
   *     by nobody, and other queries see nothing. Not copied: do not write to it
   */
  public static AttentionSchedule of(
      AttentionPattern pattern, int layer, int heads, int tokens, TileShape tiles, BitSet valid) {
    return of(heads(pattern, layer, heads), tokens, tiles, valid);
  }

  /**
   * The pattern of each head of a layer.
   *
   * @throws IllegalArgumentException if one depends on content
   */
  public static List<PositionalPattern> heads(AttentionPattern pattern, int layer, int heads) {
    List<PositionalPattern> patterns = new ArrayList<>();
    for (int head = 0; head < heads; head++) {
      patterns.add(positional(pattern.at(layer, head, heads)));
    }
    return patterns;
  }

  /**
   * A schedule that need compute the queries of tokens {@code [firstToken, lastToken)} only; what
   * other rows become is left open. Keeps its plans.
   */
  public static AttentionSchedule queries(
      AttentionSchedule schedule, int firstToken, int lastToken) {
    return new QuerySlice(schedule, firstToken, lastToken);
  }

  /**
   * The rows of global tokens over all tokens, alike in all heads; other rows are left open.
   *
   * @param globals positions, ascending
   * @param valid as above
   */
  public static AttentionSchedule globalRows(
      int[] globals, int tokens, TileShape tiles, BitSet valid) {
    return PatternSchedule.globalRows(Global.of(globals), tokens, tiles, valid);
  }

  /** The schedule of a pattern for each head. */
  public static AttentionSchedule of(
      List<PositionalPattern> patterns, int tokens, TileShape tiles, BitSet valid) {
    PlanChecks.positive("tokens", tokens);
    PlanChecks.positive("heads", patterns.size());
    return new PatternSchedule(patterns, tokens, tiles, valid);
  }

  private static PositionalPattern positional(AttentionPattern pattern) {
    if (pattern instanceof PositionalPattern positional) {
      return positional;
    }
    throw new IllegalArgumentException(
        "a schedule from positions needs a positional pattern, was '"
            + pattern
            + "': plan lsh from its hashes, and run performer as linear attention");
  }
}
