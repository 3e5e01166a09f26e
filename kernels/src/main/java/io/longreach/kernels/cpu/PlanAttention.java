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
 * <p>Keys and values are packed first ({@link HeadKeys}): those that a few query tiles see, or the
 * whole head where they see too many. A query's running maximum, sum and unnormalised context are
 * carried from pass to pass, so that all passes together form one softmax.
 *
 * <p><b>Cost.</b> Time follows the connections of the schedule. Memory beyond the arguments: 8
 * bytes per query and, where tiles see many keys, {@code 8 * headDim} bytes per key, for as many
 * heads as there are threads; and a few megabytes of plans and packed keys.
 *
 * <p><b>NaN.</b> A NaN or infinity in a key or value row reaches the queries that see it, and may
 * reach queries of the same tile that do not.
 */
final class PlanAttention implements AttentionKernel {
  private static final float LOG2_E = 1.44269504f;
  private static final float LN_2 = 0.69314718f;

  /** Query tiles per item of work. */
  private static final int ITEM_TILES = 16;

  /** Keys per query of an item up to which they are packed for it alone. */
  private static final int ITEM_KEYS = 4;

  private final TileKernel kernel;

  /** Kept from call to call: fresh arrays would cost more than a short document's arithmetic. */
  private final ThreadLocal<Tile> tiles = new ThreadLocal<>();

  private final ThreadLocal<HeadKeys> itemKeys = new ThreadLocal<>();

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
    HeadState[] states = new HeadState[Math.min(heads, workers.threads())];
    Arrays.setAll(states, i -> new HeadState(schedule.tokens()));
    for (int head = 0; head < heads; head += states.length) {
      call.heads(head, Arrays.copyOf(states, Math.min(heads - head, states.length)));
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
      this.valueColumns = kernel.panels(headDim).valueColumns(headDim);
      this.plans = new PlanCache(schedule);
    }

    /** Computes heads from {@code firstHead} on, one for each state. */
    void heads(int firstHead, HeadState[] states) {
      int passes = 0;
      for (int i = 0; i < states.length; i++) {
        int own = schedule.passes(firstHead + i);
        states[i].begin(firstHead + i, own == 1);
        passes = Math.max(passes, own);
      }
      for (int pass = 0; pass < passes; pass++) {
        pass(states, pass);
      }
      workers.forEach(states.length, i -> finish(states[i]));
    }

    private void pass(HeadState[] states, int pass) {
      int tile = schedule.queryTile();
      int span = tile * ITEM_TILES;
      for (HeadState state : states) {
        state.packed = false;
      }
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

    /** All keys of the head in the pass's order, packed by the first item that asks. */
    private HeadKeys headKeys(HeadState state, int keys, int[] order) {
      synchronized (state) {
        if (!state.packed) {
          state.keys = pack(state, KeyRanges.all(keys), order, HeadKeys.Queries.NONE, state.keys);
          state.packed = true;
        }
        return state.keys;
      }
    }

    /**
     * The keys that an item sees, or null where its one tile sees so many that no cache has room.
     */
    private HeadKeys keys(HeadState state, BlockPlan plan) {
      KeyRanges ranges = KeyRanges.of(plan);
      if (ranges.total() <= ITEM_KEYS * ITEM_TILES * plan.queryTile()) {
        boolean sameOrder = plan.queryOrder() == plan.keyOrder();
        HeadKeys.Queries queries =
            sameOrder
                ? new HeadKeys.Queries(
                    query.from(state.head * headDim), plan.firstQuery(), plan.lastQuery())
                : HeadKeys.Queries.NONE;
        return itemKeys(state, ranges, plan.keyOrder(), queries);
      }
      return plan.queryTiles() == 1 ? null : headKeys(state, plan.keys(), plan.keyOrder());
    }

    private HeadKeys itemKeys(
        HeadState state, KeyRanges ranges, int[] order, HeadKeys.Queries queries) {
      HeadKeys keys = pack(state, ranges, order, queries, itemKeys.get());
      itemKeys.set(keys);
      return keys;
    }

    private HeadKeys pack(
        HeadState state, KeyRanges ranges, int[] order, HeadKeys.Queries queries, HeadKeys spare) {
      int column = state.head * headDim;
      return HeadKeys.pack(
          kernel, key.from(column), value.from(column), headDim, ranges, order, queries, spare);
    }

    private void range(HeadState state, int pass, int item, int span) {
      int first = item * span;
      int last = Math.min(schedule.queries(state.head, pass), first + span);
      Plan plan = plans.plan(state.head, pass, first, last);
      if (plan instanceof BlockPlan block) {
        HeadKeys keys = keys(state, block);
        Tile tile = tile(block.queryTile(), block.keyTile());
        for (int t = 0; t < block.queryTiles(); t++) {
          blockTile(state, keys, block, t, tile);
        }
      } else if (plan instanceof GatherPlan gather) {
        Tile tile = tile(1, kernel.tiles().keyTile());
        HeadKeys keys = headKeys(state, schedule.tokens(), null);
        for (int token = gather.firstQuery(); token < gather.lastQuery(); token++) {
          gatherQuery(state, keys, gather, token, tile);
        }
      }
    }

    private Tile tile(int queryTile, int keyTile) {
      int group = kernel.group();
      int capacity = (queryTile + group - 1) / group * group;
      Tile tile = tiles.get();
      if (tile == null || !tile.fits(headDim, valueColumns, capacity, keyTile)) {
        tile = new Tile(headDim, group, valueColumns, capacity, keyTile);
        tiles.set(tile);
      }
      return tile;
    }

    private void blockTile(HeadState state, HeadKeys keys, BlockPlan plan, int t, Tile tile) {
      if (plan.firstEntry(t) == plan.lastEntry(t)) {
        return;
      }
      int first = plan.firstQuery() + t * plan.queryTile();
      tile.size = Math.min(plan.queryTile(), plan.lastQuery() - first);
      for (int group = 0; group < tile.groups(); group++) {
        begin(state, plan, first, group, tile);
      }
      blank(tile);
      int wordsPerKey = plan.wordsPerKey();
      for (int e = plan.firstEntry(t); e < plan.lastEntry(t); e++) {
        boolean full = plan.maskIndex(e) == BlockPlan.FULL;
        HeadKeys seen =
            keys != null
                ? keys
                : itemKeys(state, KeyRanges.of(plan, e), plan.keyOrder(), HeadKeys.Queries.NONE);
        int start = seen.ranges().place(plan.keyStart(e));
        kernel.entry(
            tile,
            seen,
            start,
            start + plan.keyEnd(e) - plan.keyStart(e),
            full ? null : plan.maskBits(),
            full ? 0 : plan.maskIndex(e) * plan.keyTile() * wordsPerKey,
            wordsPerKey);
      }
      for (int i = 0; i < tile.size; i++) {
        int token = token(plan, first + i);
        store(state, token, tile, i);
      }
    }

    /** Fetches one group's queries and what is known of them. */
    private void begin(HeadState state, BlockPlan plan, int first, int group, Tile tile) {
      int from = group * tile.group;
      int to = Math.min(tile.size, from + tile.group);
      tile.touched = touch(state, plan, first + from, first + to);
      for (int i = from; i < to; i++) {
        int token = token(plan, first + i);
        tile.rows[i] = query.offset() + token * query.stride() + state.head * headDim;
        tile.max[i] = state.max[token];
        tile.sum[i] = state.sum[token];
      }
      if (tile.begin(group)) {
        for (int i = from; i < to; i++) {
          load(token(plan, first + i), state.head, tile, i);
        }
      }
      kernel.packQueries(tile, group, query.values(), scale);
    }

    private static int token(BlockPlan plan, int rank) {
      return plan.queryOrder() == null ? rank : plan.queryOrder()[rank];
    }

    /** Reads for the caches what is about to be read and written, see {@link Rows#touch}. */
    private float touch(HeadState state, BlockPlan plan, int firstRank, int lastRank) {
      int column = state.head * headDim;
      float touched = 0;
      for (int rank = firstRank; rank < lastRank; rank++) {
        int token = token(plan, rank);
        touched += query.touch(token, column, headDim);
        touched += context.touch(token, column, headDim);
        touched += state.max[token] + state.sum[token];
      }
      return touched;
    }

    private void gatherQuery(
        HeadState state, HeadKeys keys, GatherPlan plan, int token, Tile tile) {
      int first = plan.firstEntry(token);
      int last = plan.lastEntry(token);
      if (first == last) {
        return;
      }
      tile.size = 1;
      int from = query.offset() + token * query.stride() + state.head * headDim;
      kernel.scale(query.values(), from, scale, tile.queries, 0, headDim);
      tile.max[0] = state.max[token];
      tile.sum[0] = state.sum[token];
      if (tile.begin(0)) {
        load(token, state.head, tile, 0);
      } else {
        Arrays.fill(tile.context, 0, valueColumns, 0);
      }
      kernel.gather(tile, keys, plan.keys(), first, last);
      store(state, token, tile, 0);
    }

    /** Queries that fill up the last group: they see what their tile sees and are never stored. */
    private void blank(Tile tile) {
      int end = tile.groups() * tile.group;
      Arrays.fill(tile.max, tile.size, end, Float.NEGATIVE_INFINITY);
      Arrays.fill(tile.sum, tile.size, end, 0);
    }

    /** Fetches what a query's context was when it was stored: anything while its sum is 0. */
    private void load(int token, int head, Tile tile, int i) {
      int at = i * valueColumns;
      if (tile.sum[i] == 0) {
        Arrays.fill(tile.context, at, at + headDim, 0);
      } else {
        int from = context.offset() + token * context.stride() + head * headDim;
        kernel.scale(context.values(), from, 1, tile.context, at, headDim);
      }
    }

    private void store(HeadState state, int token, Tile tile, int i) {
      state.max[token] = tile.max[i];
      state.sum[token] = tile.sum[i];
      float factor = state.onlyPass ? 1 / tile.sum[i] : 1;
      int to = context.offset() + token * context.stride() + state.head * headDim;
      kernel.scale(tile.context, i * valueColumns, factor, context.values(), to, headDim);
    }

    /** Divides by the sums what is not yet; a query that saw nothing gets zeros. */
    private void finish(HeadState state) {
      float[] out = context.values();
      for (int token = 0; token < schedule.tokens(); token++) {
        int at = context.offset() + token * context.stride() + state.head * headDim;
        boolean saw = state.sum[token] != 0;
        if (!saw) {
          Arrays.fill(out, at, at + headDim, 0);
        } else if (!state.onlyPass) {
          kernel.scale(out, at, 1 / state.sum[token], out, at, headDim);
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

  /**
   * What a head carries from pass to pass, and then the memory of another head; maximum and sum are
   * of powers of two.
   */
  private static final class HeadState {
    final float[] max;
    final float[] sum;
    int head;

    /** Contexts are divided by their sums when they are stored: no pass comes after. */
    boolean onlyPass;

    boolean packed;

    /** This pass's keys if {@link #packed}, else earlier ones, or null. */
    HeadKeys keys;

    HeadState(int tokens) {
      this.max = new float[tokens];
      this.sum = new float[tokens];
    }

    void begin(int head, boolean onlyPass) {
      this.head = head;
      this.onlyPass = onlyPass;
      Arrays.fill(max, Float.NEGATIVE_INFINITY);
      Arrays.fill(sum, 0);
    }
  }
}
