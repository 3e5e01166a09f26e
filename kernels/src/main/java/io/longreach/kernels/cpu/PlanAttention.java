package io.longreach.kernels.cpu;

import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.BlockPlan;
import io.longreach.kernels.plan.GatherPlan;
import io.longreach.kernels.plan.Plan;
import io.longreach.kernels.plan.TileShape;
import java.util.Arrays;

/**
 * Attention over a schedule: walks heads, passes and ranges of queries, and leaves the arithmetic
 * of each entry to a {@link TileKernel}.
 *
 * <p>The keys and values of a head are first packed ({@link HeadKeys}). A query's running maximum,
 * sum and unnormalised context are carried from pass to pass, so that all passes together form one
 * softmax.
 *
 * <p><b>Cost.</b> Time follows the connections of the schedule. Memory beyond the arguments: {@code
 * 8 * headDim} bytes per key and up to 8 bytes per query, for as many heads as there are threads,
 * and a few megabytes of plans at most.
 *
 * <p><b>NaN.</b> A NaN or infinity in a key or value row reaches the queries that see it, and may
 * reach queries of the same tile that do not.
 */
final class PlanAttention implements AttentionKernel {
  private static final float LOG2_E = 1.44269504f;
  private static final float LN_2 = 0.69314718f;

  /** Query tiles per item of work. */
  private static final int ITEM_TILES = 16;

  private final TileKernel kernel;

  PlanAttention(TileKernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public TileShape tiles() {
    return kernel.tiles();
  }

  @Override
  public void run(
      Rows query,
      Rows key,
      Rows value,
      int heads,
      int headDim,
      float softmaxScale,
      AttentionSchedule schedule,
      Rows context,
      float[] logSumExp,
      Workers workers) {
    Call call =
        new Call(
            query, key, value, heads, headDim, softmaxScale, schedule, context, logSumExp, workers);
    int together = Math.min(heads, workers.threads());
    for (int head = 0; head < heads; head += together) {
      call.heads(head, Math.min(heads, head + together));
    }
  }

  /** One call, so that its arguments need not be handed from method to method. */
  private final class Call {
    private final Rows query;
    private final Rows key;
    private final Rows value;
    private final int headCount;
    private final int headDim;
    private final float scale;
    private final AttentionSchedule schedule;
    private final Rows context;
    private final float[] logSumExp;
    private final Workers workers;
    private final int valueColumns;
    private final PlanCache plans;
    private final ThreadLocal<Tile> tiles = new ThreadLocal<>();

    Call(
        Rows query,
        Rows key,
        Rows value,
        int headCount,
        int headDim,
        float softmaxScale,
        AttentionSchedule schedule,
        Rows context,
        float[] logSumExp,
        Workers workers) {
      this.query = query;
      this.key = key;
      this.value = value;
      this.headCount = headCount;
      this.headDim = headDim;
      this.scale = softmaxScale * LOG2_E;
      this.schedule = schedule;
      this.context = context;
      this.logSumExp = logSumExp;
      this.workers = workers;
      int panel = kernel.panelColumns(headDim);
      this.valueColumns = (headDim + panel - 1) / panel * panel;
      this.plans = new PlanCache(schedule);
    }

    void heads(int firstHead, int lastHead) {
      HeadState[] states = new HeadState[lastHead - firstHead];
      int passes = 0;
      for (int head = firstHead; head < lastHead; head++) {
        states[head - firstHead] = new HeadState(head, schedule);
        passes = Math.max(passes, schedule.passes(head));
      }
      for (int pass = 0; pass < passes; pass++) {
        pass(states, pass);
      }
      workers.forEach(states.length, i -> finish(states[i]));
    }

    private void pass(HeadState[] states, int pass) {
      int tile = schedule.queryTile();
      int span = tile * ITEM_TILES;
      workers.forEach(states.length, i -> prepare(states[i], pass, tile));
      int[] firstItem = new int[states.length + 1];
      for (int i = 0; i < states.length; i++) {
        int queries =
            pass < schedule.passes(states[i].head) ? schedule.queries(states[i].head, pass) : 0;
        firstItem[i + 1] = firstItem[i] + (queries + span - 1) / span;
      }
      workers.forEach(
          firstItem[states.length],
          item -> {
            int i = 0;
            while (item >= firstItem[i + 1]) {
              i++;
            }
            range(states[i], pass, item - firstItem[i], span);
          });
    }

    /** Copies the head's keys and values into the pass's order, unless they already are in it. */
    private void prepare(HeadState state, int pass, int tile) {
      if (pass >= schedule.passes(state.head) || schedule.queries(state.head, pass) == 0) {
        return;
      }
      int last = Math.min(schedule.queries(state.head, pass), tile * ITEM_TILES);
      Plan plan = plans.plan(state.head, pass, 0, last);
      int[] order = plan instanceof BlockPlan block ? block.keyOrder() : null;
      int ranks = plan instanceof BlockPlan block ? block.keys() : schedule.tokens();
      HeadKeys keys = state.keys;
      if (keys == null || keys.order() != order || keys.ranks() != ranks) {
        state.keys =
            HeadKeys.pack(
                key, value, state.head, headDim, kernel.panelColumns(headDim), ranks, order);
      }
    }

    private void range(HeadState state, int pass, int item, int span) {
      int first = item * span;
      int last = Math.min(schedule.queries(state.head, pass), first + span);
      Plan plan = plans.plan(state.head, pass, first, last);
      if (plan instanceof BlockPlan block) {
        Tile tile = tile(block.queryTile(), block.keyTile());
        for (int t = 0; t < block.queryTiles(); t++) {
          blockTile(state, block, t, tile);
        }
      } else if (plan instanceof GatherPlan gather) {
        Tile tile = tile(1, kernel.tiles().keyTile());
        for (int token = gather.firstQuery(); token < gather.lastQuery(); token++) {
          gatherQuery(state, gather, token, tile);
        }
      }
    }

    private Tile tile(int queryTile, int keyTile) {
      int group = kernel.group();
      int capacity = (queryTile + group - 1) / group * group;
      Tile tile = tiles.get();
      if (tile == null
          || tile.capacity != capacity
          || tile.scores.length != (keyTile + TileKernel.KEY_STEP) * group) {
        tile = new Tile(headDim, group, valueColumns, capacity, keyTile);
        tiles.set(tile);
      }
      return tile;
    }

    private void blockTile(HeadState state, BlockPlan plan, int t, Tile tile) {
      if (plan.firstEntry(t) == plan.lastEntry(t)) {
        return;
      }
      int first = plan.firstQuery() + t * plan.queryTile();
      tile.size = Math.min(plan.queryTile(), plan.lastQuery() - first);
      for (int i = 0; i < tile.size; i++) {
        int token = plan.queryOrder() == null ? first + i : plan.queryOrder()[first + i];
        tile.rows[i] = query.offset() + token * query.stride() + state.head * headDim;
        load(state, token, tile, i);
      }
      for (int group = 0; group < tile.groups(); group++) {
        kernel.packQueries(tile, group, query.values(), scale);
      }
      blank(tile);
      int wordsPerKey = plan.wordsPerKey();
      for (int e = plan.firstEntry(t); e < plan.lastEntry(t); e++) {
        boolean full = plan.maskIndex(e) == BlockPlan.FULL;
        kernel.entry(
            tile,
            state.keys,
            plan.keyStart(e),
            plan.keyEnd(e),
            full ? null : plan.maskBits(),
            full ? 0 : plan.maskIndex(e) * plan.keyTile() * wordsPerKey,
            wordsPerKey);
      }
      for (int i = 0; i < tile.size; i++) {
        int token = plan.queryOrder() == null ? first + i : plan.queryOrder()[first + i];
        store(state, token, tile, i);
      }
    }

    private void gatherQuery(HeadState state, GatherPlan plan, int token, Tile tile) {
      int first = plan.firstEntry(token);
      int last = plan.lastEntry(token);
      if (first == last) {
        return;
      }
      tile.size = 1;
      int from = query.offset() + token * query.stride() + state.head * headDim;
      for (int d = 0; d < headDim; d++) {
        tile.queries[d] = query.values()[from + d] * scale;
      }
      load(state, token, tile, 0);
      kernel.gather(tile, state.keys, plan.keys(), first, last);
      store(state, token, tile, 0);
    }

    /** Queries that fill up the last group: they see what their tile sees and are never stored. */
    private void blank(Tile tile) {
      int end = tile.groups() * tile.group;
      Arrays.fill(tile.max, tile.size, end, Float.NEGATIVE_INFINITY);
      Arrays.fill(tile.sum, tile.size, end, 0);
      Arrays.fill(tile.context, tile.size * valueColumns, end * valueColumns, 0);
    }

    private void load(HeadState state, int token, Tile tile, int i) {
      int at = i * valueColumns;
      tile.max[i] = state.max[token];
      tile.sum[i] = state.sum[token];
      if (state.sum[token] == 0) {
        Arrays.fill(tile.context, at, at + valueColumns, 0);
        return;
      }
      int from = context.offset() + token * context.stride() + state.head * headDim;
      System.arraycopy(context.values(), from, tile.context, at, headDim);
      Arrays.fill(tile.context, at + headDim, at + valueColumns, 0);
    }

    private void store(HeadState state, int token, Tile tile, int i) {
      state.max[token] = tile.max[i];
      state.sum[token] = tile.sum[i];
      int to = context.offset() + token * context.stride() + state.head * headDim;
      System.arraycopy(tile.context, i * valueColumns, context.values(), to, headDim);
    }

    /** Divides by the sums; a query that saw nothing gets zeros. */
    private void finish(HeadState state) {
      float[] out = context.values();
      for (int token = 0; token < schedule.tokens(); token++) {
        int at = context.offset() + token * context.stride() + state.head * headDim;
        boolean saw = state.sum[token] != 0;
        if (saw) {
          float inverse = 1 / state.sum[token];
          for (int d = at; d < at + headDim; d++) {
            out[d] *= inverse;
          }
        } else {
          Arrays.fill(out, at, at + headDim, 0);
        }
        if (logSumExp != null) {
          logSumExp[token * headCount + state.head] =
              saw
                  ? state.max[token] * LN_2 + (float) Math.log(state.sum[token])
                  : Float.NEGATIVE_INFINITY;
        }
      }
    }
  }

  /** What a head carries from pass to pass; maximum and sum are of powers of two. */
  private static final class HeadState {
    final int head;
    final float[] max;
    final float[] sum;
    HeadKeys keys;

    HeadState(int head, AttentionSchedule schedule) {
      this.head = head;
      this.max = new float[schedule.tokens()];
      this.sum = new float[schedule.tokens()];
      Arrays.fill(max, Float.NEGATIVE_INFINITY);
    }
  }
}
