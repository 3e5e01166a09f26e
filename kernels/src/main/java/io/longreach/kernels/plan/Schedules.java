package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.PositionalPattern;

/** Lowers patterns to schedules. */
public final class Schedules {
  private Schedules() {}

  /**
   * The schedule of a pattern for one document.
   *
   * <p><b>Cost.</b> Nothing is planned here; a range is planned when it is asked for, in time
   * proportional to its queries' key runs.
   *
   * @param tokens the length the document counts as, at least 1
   */
  public static AttentionSchedule of(AttentionPattern pattern, int tokens, TileShape tiles) {
    PlanChecks.positive("tokens", tokens);
    PositionalPattern positional = (PositionalPattern) pattern;
    return new PatternSchedule(tokens, tiles, positional.rows(tokens));
  }
}
