package io.longreach.kernels.cuda;

import io.longreach.kernels.cuda.AttentionLaunch.Heads;
import io.longreach.kernels.device.Device.Placed;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.BlockPlan;
import io.longreach.kernels.plan.GatherPlan;
import io.longreach.kernels.plan.Plan;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Makes launches of the schedules of a batch, pass by pass, all documents at once. What a
 * document's keys are added up in never depends on the documents beside it.
 */
final class AttentionPlanner {
  /** Query ranks of one launch: enough for any GPU, and bounded plans on the host. */
  private static final int QUERIES_PER_LAUNCH = 1 << 16;

  /** A pass of no more queries has its keys in parts ... */
  private static final int FEW_QUERIES = 512;

  /** ... of so many, where a tile has more than two. */
  private static final int PART_KEYS = 1024;

  private final Memory.Pool pool;
  private final boolean tensorCores;
  private final int heads;
  private final Consumer<AttentionLaunch> to;

  /**
   * @param tensorCores whether the kernels are those of the tensor cores
   * @param to takes the launches in the order in which they are to start, and closes them
   */
  AttentionPlanner(Memory.Pool pool, boolean tensorCores, int heads, Consumer<AttentionLaunch> to) {
    this.pool = pool;
    this.tensorCores = tensorCores;
    this.heads = heads;
    this.to = to;
  }

  /** Whether passes of a schedule merge. */
  static boolean merges(AttentionSchedule schedule, int heads) {
    return !schedule.passesAreSeparate() && passes(schedule, heads) > 1;
  }

  private static int passes(AttentionSchedule schedule, int heads) {
    int passes = 0;
    for (int head = 0; head < (schedule.sharedByHeads() ? 1 : heads); head++) {
      passes = Math.max(passes, schedule.passes(head));
    }
    return passes;
  }

  /** Whether the pass that starts first writes every row of every head. */
  static boolean isCovered(AttentionSchedule schedule, int heads) {
    for (int head = 0; head < (schedule.sharedByHeads() ? 1 : heads); head++) {
      int first = merges(schedule, heads) ? 0 : schedule.passes(head) - 1;
      if (schedule.queries(head, first) < schedule.tokens()) {
        return false;
      }
    }
    return true;
  }

  void plan(List<Placed> documents) {
    List<Placed> shared = new ArrayList<>();
    List<Placed> apart = new ArrayList<>();
    for (Placed document : documents) {
      (document.schedule().sharedByHeads() ? shared : apart).add(document);
    }
    plan(shared, 0, heads);
    for (int head = 0; head < heads; head++) {
      plan(apart, head, 1);
    }
  }

  private void plan(List<Placed> documents, int head, int count) {
    List<Placed> merging = new ArrayList<>();
    List<Placed> separate = new ArrayList<>();
    int passes = 0;
    for (Placed document : documents) {
      (merges(document.schedule(), heads) ? merging : separate).add(document);
      passes = Math.max(passes, document.schedule().passes(head));
    }
    for (int pass = 0; pass < passes; pass++) {
      new Batch(new Heads(head, count, pass > 0)).launch(merging, pass);
    }
    for (int pass = passes - 1; pass >= 0; pass--) {
      new Batch(new Heads(head, count, false)).launch(separate, pass);
    }
  }

  /** A plan, and where its document begins. */
  private record PlacedPlan<P>(P plan, int firstRow) {}

  /** The plans of one pass, until they are enough for a launch. */
  private final class Batch {
    private final Heads heads;
    private final Map<AttentionSchedule, Plan> whole = new IdentityHashMap<>();
    private final List<PlacedPlan<BlockPlan>> blocks = new ArrayList<>();
    private final List<PlacedPlan<BlockPlan>> lengthy = new ArrayList<>();
    private final List<PlacedPlan<GatherPlan>> gathers = new ArrayList<>();
    private int queries;

    Batch(Heads heads) {
      this.heads = heads;
    }

    void launch(List<Placed> documents, int pass) {
      for (Placed document : documents) {
        if (pass < document.schedule().passes(heads.first())) {
          add(document, pass);
        }
      }
      launch();
    }

    private void add(Placed document, int pass) {
      AttentionSchedule schedule = document.schedule();
      int step = Math.max(1, QUERIES_PER_LAUNCH / schedule.queryTile()) * schedule.queryTile();
      int last = schedule.queries(heads.first(), pass);
      if (last <= step) {
        // Documents alike share their schedule.
        Plan plan = whole.computeIfAbsent(schedule, s -> s.plan(heads.first(), pass, 0, last));
        add(plan, document.firstRow(), last);
        return;
      }
      for (int first = 0; first < last; first += step) {
        int end = (int) Math.min(last, (long) first + step);
        Plan plan = schedule.plan(heads.first(), pass, first, end);
        add(plan, document.firstRow(), end - first);
      }
    }

    private void add(Plan plan, int firstRow, int count) {
      if (plan instanceof GatherPlan gather) {
        gathers.add(new PlacedPlan<>(gather, firstRow));
      } else {
        BlockPlan block = (BlockPlan) plan;
        (hasParts(block) ? lengthy : blocks).add(new PlacedPlan<>(block, firstRow));
      }
      queries += count;
      if (queries >= QUERIES_PER_LAUNCH) {
        launch();
      }
    }

    private void launch() {
      if (!blocks.isEmpty()) {
        to.accept(tiles(blocks, heads));
      }
      if (!lengthy.isEmpty()) {
        to.accept(parts(lengthy, heads));
      }
      if (!gathers.isEmpty()) {
        to.accept(gather(gathers, heads));
      }
      blocks.clear();
      lengthy.clear();
      gathers.clear();
      queries = 0;
    }
  }

  private static boolean hasParts(BlockPlan plan) {
    if (plan.queries() > FEW_QUERIES) {
      return false;
    }
    for (int tile = 0; tile < plan.queryTiles(); tile++) {
      int keys = 0;
      for (int entry = plan.firstEntry(tile); entry < plan.lastEntry(tile); entry++) {
        keys += plan.keyEnd(entry) - plan.keyStart(entry);
      }
      if (keys > 2 * PART_KEYS) {
        return true;
      }
    }
    return false;
  }

  private int blockQueries(List<PlacedPlan<BlockPlan>> plans) {
    int largest = 1;
    for (PlacedPlan<BlockPlan> placed : plans) {
      largest = Math.max(largest, placed.plan.queryTile());
    }
    return AttentionCall.blockQueries(tensorCores, largest);
  }

  private AttentionLaunch tiles(List<PlacedPlan<BlockPlan>> plans, Heads heads) {
    int blockQueries = blockQueries(plans);
    boolean ordersQueries = plans.stream().anyMatch(placed -> placed.plan.queryOrder() != null);
    boolean ordersKeys = plans.stream().anyMatch(placed -> placed.plan.keyOrder() != null);
    TileTable table = new TileTable(blockQueries, ordersQueries, ordersKeys);
    plans.forEach(placed -> table.add(placed.plan, placed.firstRow));
    return new AttentionLaunch.Tiles(table.upload(pool), table.blocks(), blockQueries, heads);
  }

  private AttentionLaunch parts(List<PlacedPlan<BlockPlan>> plans, Heads heads) {
    int blockQueries = blockQueries(plans);
    boolean ordersKeys = plans.stream().anyMatch(placed -> placed.plan.keyOrder() != null);
    TileTable table = new TileTable(blockQueries, true, ordersKeys);
    IntArray queries = new IntArray();
    plans.forEach(placed -> table.addParts(placed.plan, placed.firstRow, PART_KEYS, queries));
    Heads alone = new Heads(heads.first(), heads.count(), false);
    return new AttentionLaunch.Parts(
        new AttentionLaunch.Tiles(table.upload(pool), table.blocks(), blockQueries, alone),
        table.ranks(),
        pool.of(queries.toArray()),
        queries.size() / 4,
        heads);
  }

  private AttentionLaunch gather(List<PlacedPlan<GatherPlan>> plans, Heads heads) {
    IntArray queries = new IntArray();
    IntArray keys = new IntArray();
    queries.add(0, 0);
    for (PlacedPlan<GatherPlan> placed : plans) {
      GatherPlan plan = placed.plan;
      int base = keys.size();
      for (int query = plan.firstQuery(); query < plan.lastQuery(); query++) {
        queries.add(placed.firstRow + query, base + plan.lastEntry(query));
      }
      for (int key : plan.keys()) {
        keys.add(placed.firstRow + key);
      }
    }
    int count = queries.size() / 2 - 1;
    long bytes = (long) (queries.size() + keys.size()) * Integer.BYTES;
    return new AttentionLaunch.Gather(
        pool.of(queries.toArray()), pool.of(keys.toArray()), count, bytes, heads);
  }
}
