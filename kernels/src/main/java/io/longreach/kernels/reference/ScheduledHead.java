package io.longreach.kernels.reference;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.BlockPlan;
import io.longreach.kernels.plan.GatherPlan;
import io.longreach.kernels.plan.Plan;

/**
 * One head of one document: the softmax over every connection of every pass, kept as maximum, sum
 * and weighted values per query.
 */
final class ScheduledHead {
  private static final int TILES_PER_PLAN = 16;

  private final AttentionInput input;
  private final int head;
  private final int firstRow;
  private final double scale;
  private final double[] maximum;
  private final double[] sum;
  private final double[][] weighted;

  ScheduledHead(AttentionInput input, int head, int firstRow, int tokens) {
    this.input = input;
    this.head = head;
    this.firstRow = firstRow;
    this.scale = scale(input);
    this.maximum = new double[tokens];
    java.util.Arrays.fill(maximum, Double.NEGATIVE_INFINITY);
    this.sum = new double[tokens];
    this.weighted = new double[tokens][input.headDim()];
  }

  void attend(AttentionSchedule schedule) {
    int step = TILES_PER_PLAN * schedule.queryTile();
    for (int pass = 0; pass < schedule.passes(head); pass++) {
      int queries = schedule.queries(head, pass);
      for (int first = 0; first < queries; first += step) {
        attend(schedule.plan(head, pass, first, Math.min(queries, first + step)));
      }
    }
  }

  void write(DoubleMatrix context, float[] logSumExp) {
    for (int query = 0; query < sum.length; query++) {
      for (int i = 0; i < input.headDim(); i++) {
        double value = sum[query] == 0 ? 0 : weighted[query][i] / sum[query];
        context.set(firstRow + query, head * input.headDim() + i, value);
      }
      if (logSumExp != null) {
        logSumExp[query * input.heads() + head] = (float) (maximum[query] + Math.log(sum[query]));
      }
    }
  }

  private void attend(Plan plan) {
    if (plan instanceof BlockPlan block) {
      attend(block);
    } else {
      attend((GatherPlan) plan);
    }
  }

  private void attend(BlockPlan plan) {
    for (int tile = 0; tile < plan.queryTiles(); tile++) {
      int first = plan.firstQuery() + tile * plan.queryTile();
      int last = Math.min(first + plan.queryTile(), plan.lastQuery());
      for (int entry = plan.firstEntry(tile); entry < plan.lastEntry(tile); entry++) {
        for (int key = plan.keyStart(entry); key < plan.keyEnd(entry); key++) {
          for (int query = first; query < last; query++) {
            if (allowed(plan, entry, key - plan.keyStart(entry), query - first)) {
              see(token(plan.queryOrder(), query), token(plan.keyOrder(), key));
            }
          }
        }
      }
    }
  }

  private static boolean allowed(BlockPlan plan, int entry, int key, int query) {
    int mask = plan.maskIndex(entry);
    if (mask == BlockPlan.FULL) {
      return true;
    }
    int row = (mask * plan.keyTile() + key) * plan.wordsPerKey();
    return (plan.maskBits()[row + (query >>> 6)] >>> (query & 63) & 1) != 0;
  }

  private static int token(int[] order, int rank) {
    return order == null ? rank : order[rank];
  }

  private void attend(GatherPlan plan) {
    for (int query = plan.firstQuery(); query < plan.lastQuery(); query++) {
      for (int entry = plan.firstEntry(query); entry < plan.lastEntry(query); entry++) {
        see(query, plan.keys()[entry]);
      }
    }
  }

  private void see(int query, int key) {
    double score = 0;
    for (int i = 0; i < input.headDim(); i++) {
      score += at(input.query(), query, i) * at(input.key(), key, i);
    }
    score *= scale;
    if (score > maximum[query]) {
      double shrink = Math.exp(maximum[query] - score);
      sum[query] *= shrink;
      for (int i = 0; i < input.headDim(); i++) {
        weighted[query][i] *= shrink;
      }
      maximum[query] = score;
    }
    double weight = Math.exp(score - maximum[query]);
    sum[query] += weight;
    for (int i = 0; i < input.headDim(); i++) {
      weighted[query][i] += weight * at(input.value(), key, i);
    }
  }

  private double at(AttentionInput.View view, int token, int column) {
    return ((DoubleMatrix) view.matrix())
        .at(firstRow + token, view.column() + head * input.headDim() + column);
  }

  /** The exact 1/√headDim where the float is its rounding. */
  private static double scale(AttentionInput input) {
    double exact = 1 / Math.sqrt(input.headDim());
    return (float) exact == input.softmaxScale() ? exact : input.softmaxScale();
  }
}
