package io.longreach.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

/** Counts the connections a schedule makes, one by one. */
final class Coverage {
  private Coverage() {}

  /** {@code [query][key]}: how often the schedule of one head connects them. */
  static int[][] of(AttentionSchedule schedule, int head, int queriesPerRange) {
    int[][] counts = new int[schedule.tokens()][schedule.tokens()];
    for (int pass = 0; pass < schedule.passes(head); pass++) {
      int queries = schedule.queries(head, pass);
      for (int first = 0; first < queries; first += queriesPerRange) {
        int last = Math.min(queries, first + queriesPerRange);
        Plan plan = schedule.plan(head, pass, first, last);
        assertEquals(queries, plan.queries(), "queries of the plan");
        assertEquals(first, plan.firstQuery(), "first query of the plan");
        assertEquals(last, plan.lastQuery(), "last query of the plan");
        if (plan instanceof BlockPlan block) {
          count(block, counts);
        } else if (plan instanceof GatherPlan gather) {
          count(gather, counts);
        }
      }
    }
    return counts;
  }

  /** Whether every query's keys all stand in the first of the passes that have the query. */
  static boolean isSeparate(AttentionSchedule schedule, int head) {
    boolean[] known = new boolean[schedule.tokens()];
    for (int pass = 0; pass < schedule.passes(head); pass++) {
      int[][] counts = new int[schedule.tokens()][schedule.tokens()];
      Plan plan = schedule.plan(head, pass, 0, schedule.queries(head, pass));
      int[] order = null;
      if (plan instanceof BlockPlan block) {
        count(block, counts);
        order = block.queryOrder();
      } else {
        count((GatherPlan) plan, counts);
      }
      for (int rank = 0; rank < plan.queries(); rank++) {
        int query = token(order, rank);
        if (known[query] && Arrays.stream(counts[query]).sum() > 0) {
          return false;
        }
        known[query] = true;
      }
    }
    return true;
  }

  private static void count(GatherPlan plan, int[][] counts) {
    for (int query = plan.firstQuery(); query < plan.lastQuery(); query++) {
      for (int e = plan.firstEntry(query); e < plan.lastEntry(query); e++) {
        counts[query][plan.keys()[e]]++;
      }
    }
  }

  private static void count(BlockPlan plan, int[][] counts) {
    for (int tile = 0; tile < plan.queryTiles(); tile++) {
      int first = plan.firstQuery() + tile * plan.queryTile();
      int last = Math.min(first + plan.queryTile(), plan.lastQuery());
      for (int e = plan.firstEntry(tile); e < plan.lastEntry(tile); e++) {
        int seen = 0;
        for (int rank = plan.keyStart(e); rank < plan.keyEnd(e); rank++) {
          for (int query = first; query < last; query++) {
            if (connects(plan, e, rank - plan.keyStart(e), query - first)) {
              counts[token(plan.queryOrder(), query)][token(plan.keyOrder(), rank)]++;
              seen++;
            }
          }
        }
        int all = (last - first) * (plan.keyEnd(e) - plan.keyStart(e));
        assertTrue(seen > 0, "an entry connects nothing");
        assertTrue(
            plan.maskIndex(e) == BlockPlan.FULL || seen < all, "a complete entry is not FULL");
      }
    }
  }

  private static boolean connects(BlockPlan plan, int entry, int key, int query) {
    int mask = plan.maskIndex(entry);
    if (mask == BlockPlan.FULL) {
      return true;
    }
    long row = ((long) mask * plan.keyTile() + key) * plan.wordsPerKey();
    return (plan.maskBits()[(int) row + query / 64] >>> (query % 64) & 1) != 0;
  }

  private static int token(int[] order, int rank) {
    return order == null ? rank : order[rank];
  }
}
