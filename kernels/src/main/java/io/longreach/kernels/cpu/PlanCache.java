package io.longreach.kernels.cpu;

import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.BlockPlan;
import io.longreach.kernels.plan.GatherPlan;
import io.longreach.kernels.plan.Plan;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Plans that all heads share, kept for the length of one call so that the second head need not plan
 * again. Bounded: beyond the limit a range is planned whenever it is asked for, which costs time
 * but never memory.
 */
final class PlanCache {
  private static final long LIMIT_BYTES = 16L << 20;

  private record Range(int pass, int firstQuery) {}

  private final AttentionSchedule schedule;
  private final Map<Range, Plan> kept = new ConcurrentHashMap<>();
  private final AtomicLong bytes = new AtomicLong();

  PlanCache(AttentionSchedule schedule) {
    this.schedule = schedule;
  }

  Plan plan(int head, int pass, int firstQuery, int lastQuery) {
    if (!schedule.sharedByHeads()) {
      return schedule.plan(head, pass, firstQuery, lastQuery);
    }
    Range range = new Range(pass, firstQuery);
    Plan plan = kept.get(range);
    if (plan == null) {
      plan = schedule.plan(head, pass, firstQuery, lastQuery);
      if (bytes.addAndGet(bytes(plan)) <= LIMIT_BYTES) {
        kept.put(range, plan);
      }
    }
    return plan;
  }

  private static long bytes(Plan plan) {
    if (plan instanceof BlockPlan block) {
      int entries = block.lastEntry(block.queryTiles() - 1);
      return 64 + 12L * entries + 4L * block.queryTiles() + 8L * block.maskBits().length;
    }
    GatherPlan gather = (GatherPlan) plan;
    return 64 + 4L * gather.keys().length + 4L * (gather.lastQuery() - gather.firstQuery());
  }
}
