package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.KeyRows;
import io.longreach.kernels.pattern.KeyRuns;
import java.util.Arrays;

/**
 * The plan of a range of inner queries, which is that of other such ranges, moved along. Two plans
 * of a pass show which entries move and which stay, as those of global tokens do; all others then
 * cost next to nothing.
 *
 * @param moves of each entry, null while only one plan is known
 */
record InnerPlan(Place place, BlockPlan plan, boolean[] moves) {

  /**
   * A range of inner queries.
   *
   * @param period of the rows
   * @param firstRuns keys of the first query
   * @param lastRuns keys of the last query
   */
  record Place(int firstQuery, int lastQuery, int period, KeyRuns firstRuns, KeyRuns lastRuns) {

    /** Null where the queries are not inner ones, or rows do not repeat. */
    static Place of(KeyRows rows, int firstQuery, int lastQuery) {
      int period = rows.levels() == 1 && firstQuery < lastQuery ? rows.period() : 0;
      if (period == 0 || !rows.isInner(firstQuery, lastQuery)) {
        return null;
      }
      KeyRuns firstRuns = new KeyRuns();
      rows.keys(firstQuery, 0, firstRuns);
      KeyRuns lastRuns = new KeyRuns();
      rows.keys(lastQuery - 1, 0, lastRuns);
      return new Place(firstQuery, lastQuery, period, firstRuns, lastRuns);
    }

    /**
     * Whether a range repeats this one. Runs that move never meet one that stays between two
     * queries where they stand on the same side of it, so that first and last query tell of all.
     */
    boolean isLike(Place other) {
      int step = other.firstQuery - firstQuery;
      return other.lastQuery - other.firstQuery == lastQuery - firstQuery
          && step % period == 0
          && isMoved(firstRuns, other.firstRuns, lastRuns, other.lastRuns, step);
    }

    private static boolean isMoved(
        KeyRuns first, KeyRuns otherFirst, KeyRuns last, KeyRuns otherLast, int step) {
      if (first.size() != otherFirst.size()
          || first.size() != last.size()
          || first.size() != otherLast.size()) {
        return false;
      }
      for (int run = 0; run < first.size(); run++) {
        int by = otherFirst.start(run) - first.start(run);
        if ((by != 0 && by != step)
            || otherFirst.end(run) - first.end(run) != by
            || otherLast.start(run) - last.start(run) != by
            || otherLast.end(run) - last.end(run) != by) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * What is known now that a range has been planned.
   *
   * @param before what was known, null for nothing
   */
  static InnerPlan of(Place place, BlockPlan plan, InnerPlan before) {
    // A range planned twice, by two threads at once, does not show what moves.
    boolean pair =
        before != null && before.place.firstQuery != place.firstQuery && before.place.isLike(place);
    return new InnerPlan(place, plan, pair ? moves(before.plan, plan) : null);
  }

  /** Null unless each entry stays or moves along, with the same mask. */
  private static boolean[] moves(BlockPlan from, BlockPlan to) {
    boolean[] moves = new boolean[entries(from)];
    boolean same = entries(to) == moves.length && from.queryTiles() == to.queryTiles();
    for (int tile = 0; same && tile < from.queryTiles(); tile++) {
      same = from.lastEntry(tile) == to.lastEntry(tile);
    }
    int step = to.firstQuery() - from.firstQuery();
    for (int e = 0; same && e < moves.length; e++) {
      int by = to.keyStart(e) - from.keyStart(e);
      moves[e] = by != 0;
      same =
          (by == 0 || by == step)
              && to.keyEnd(e) - from.keyEnd(e) == by
              && to.maskIndex(e) == from.maskIndex(e);
    }
    return same && Arrays.equals(from.maskBits(), to.maskBits()) ? moves : null;
  }

  private static int entries(BlockPlan plan) {
    return plan.lastEntry(plan.queryTiles() - 1);
  }

  /** Whether {@link #at} knows the plan of a range. */
  boolean repeatsAt(Place other) {
    return moves != null && place.isLike(other);
  }

  /** The plan of a range that repeats this one. */
  BlockPlan at(Place other) {
    int step = other.firstQuery - place.firstQuery;
    int[] offsets = new int[plan.queryTiles() + 1];
    for (int tile = 0; tile < plan.queryTiles(); tile++) {
      offsets[tile + 1] = plan.lastEntry(tile);
    }
    int[] starts = new int[moves.length];
    int[] ends = new int[moves.length];
    int[] masks = new int[moves.length];
    for (int e = 0; e < moves.length; e++) {
      int by = moves[e] ? step : 0;
      starts[e] = plan.keyStart(e) + by;
      ends[e] = plan.keyEnd(e) + by;
      masks[e] = plan.maskIndex(e);
    }
    return BlockPlan.builder()
        .ranks(plan.queries(), plan.keys())
        .tiles(plan.queryTile(), plan.keyTile())
        .range(other.firstQuery, other.lastQuery)
        .order(plan.queryOrder(), plan.keyOrder())
        .entries(offsets, starts, ends, masks)
        .masks(plan.maskBits())
        .build();
  }
}
