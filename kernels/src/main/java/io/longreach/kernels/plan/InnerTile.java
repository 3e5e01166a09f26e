package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.KeyRows;
import io.longreach.kernels.pattern.KeyRuns;
import java.util.Arrays;

/**
 * What a tile of inner queries sees, which is what other such tiles see, moved along. Two tiles of
 * a pass show which entries move and which stay, as those of global tokens do; all others then cost
 * next to nothing.
 *
 * @param isMoveKnown whether {@link Entry#moves} says anything: not while only one tile is known
 */
record InnerTile(Place place, Entry[] entries, boolean isMoveKnown) {

  /** Tiles that are kept by {@link Place#phase}. */
  static final int PHASES = 16;

  /**
   * An entry of a plan by itself.
   *
   * @param mask rows of bits as in {@link BlockPlan}, null for FULL
   */
  record Entry(int start, int end, long[] mask, boolean moves) {

    /** Whether {@code later} is this entry as it is, or {@code step} keys further on. */
    private boolean isLike(Entry later, int step) {
      int by = later.start - start;
      return (by == 0 || by == step) && later.end - end == by && Arrays.equals(mask, later.mask);
    }
  }

  /**
   * A tile of inner queries.
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

    /** Which of the tiles of one period this is: no other one can repeat it. */
    int phase(int queryTile) {
      return firstQuery % period / queryTile;
    }

    /**
     * Whether a tile repeats this one. Runs that move never meet one that stays between two queries
     * where they stand on the same side of it, so that first and last query tell of all.
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
   * What is known now that a tile has been planned.
   *
   * @param entries whose {@link Entry#moves} are not known
   * @param before what was known, null for nothing
   */
  static InnerTile of(Place place, Entry[] entries, InnerTile before) {
    // A tile planned twice, by two threads at once, does not show what moves.
    boolean pair =
        before != null
            && before.place.firstQuery != place.firstQuery
            && before.place.isLike(place)
            && before.entries.length == entries.length;
    int step = pair ? place.firstQuery - before.place.firstQuery : 0;
    Entry[] moving = new Entry[entries.length];
    for (int e = 0; pair && e < entries.length; e++) {
      Entry from = before.entries[e];
      Entry to = entries[e];
      pair = from.isLike(to, step);
      moving[e] = new Entry(to.start, to.end, to.mask, to.start != from.start);
    }
    return new InnerTile(place, pair ? moving : entries, pair);
  }

  /** Whether what a tile sees is this, moved along as {@link Entry#moves} says. */
  boolean repeatsAt(Place other) {
    return isMoveKnown && place.isLike(other);
  }
}
