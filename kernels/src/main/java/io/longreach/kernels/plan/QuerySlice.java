package io.longreach.kernels.plan;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A schedule of which only some queries are wanted: tiles without any of them are empty, other
 * queries of their tiles may be computed or not. Plans are kept, as a slice is small and used for
 * many segments of a document.
 */
final class QuerySlice implements AttentionSchedule {

  private record Range(int head, int pass, int firstQuery, int lastQuery) {}

  private final AttentionSchedule whole;
  private final int firstToken;
  private final int lastToken;
  private final Map<Range, Plan> plans = new ConcurrentHashMap<>();

  /** The queries of tokens {@code [firstToken, lastToken)}. */
  QuerySlice(AttentionSchedule whole, int firstToken, int lastToken) {
    Objects.checkFromToIndex(firstToken, lastToken, whole.tokens());
    this.whole = whole;
    this.firstToken = firstToken;
    this.lastToken = lastToken;
  }

  @Override
  public int tokens() {
    return whole.tokens();
  }

  @Override
  public int passes(int head) {
    return whole.passes(head);
  }

  @Override
  public int queries(int head, int pass) {
    return whole.queries(head, pass);
  }

  @Override
  public int queryTile() {
    return whole.queryTile();
  }

  @Override
  public boolean passesAreSeparate() {
    return whole.passesAreSeparate();
  }

  @Override
  public boolean zeroesOthers() {
    return false;
  }

  @Override
  public boolean sharedByHeads() {
    return whole.sharedByHeads();
  }

  @Override
  public Plan plan(int head, int pass, int firstQuery, int lastQuery) {
    Range range = new Range(sharedByHeads() ? 0 : head, pass, firstQuery, lastQuery);
    return plans.computeIfAbsent(range, this::plan);
  }

  private Plan plan(Range range) {
    Plan plan = whole.plan(range.head, range.pass, range.firstQuery, range.lastQuery);
    return plan instanceof BlockPlan block ? wanted(block) : plan;
  }

  private BlockPlan wanted(BlockPlan plan) {
    int tiles = plan.queryTiles();
    int entries = tiles == 0 ? 0 : plan.lastEntry(tiles - 1);
    int[] offsets = new int[tiles + 1];
    int[] starts = new int[entries];
    int[] ends = new int[entries];
    int[] masks = new int[entries];
    int kept = 0;
    for (int tile = 0; tile < tiles; tile++) {
      for (int e = plan.firstEntry(tile); isWanted(plan, tile) && e < plan.lastEntry(tile); e++) {
        starts[kept] = plan.keyStart(e);
        ends[kept] = plan.keyEnd(e);
        masks[kept++] = plan.maskIndex(e);
      }
      offsets[tile + 1] = kept;
    }
    return BlockPlan.builder()
        .ranks(plan.queries(), plan.keys())
        .tiles(plan.queryTile(), plan.keyTile())
        .range(plan.firstQuery(), plan.lastQuery())
        .order(plan.queryOrder(), plan.keyOrder())
        .entries(
            offsets,
            Arrays.copyOf(starts, kept),
            Arrays.copyOf(ends, kept),
            Arrays.copyOf(masks, kept))
        .masks(plan.maskBits())
        .build();
  }

  private boolean isWanted(BlockPlan plan, int tile) {
    int first = plan.firstQuery() + tile * plan.queryTile();
    int last = Math.min(plan.lastQuery(), first + plan.queryTile());
    for (int rank = first; rank < last; rank++) {
      int token = plan.queryOrder() == null ? rank : plan.queryOrder()[rank];
      if (token >= firstToken && token < lastToken) {
        return true;
      }
    }
    return false;
  }
}
