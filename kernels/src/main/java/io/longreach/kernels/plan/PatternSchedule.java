package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.KeyRows;

/** One pass in token order, the same for every head. */
record PatternSchedule(int tokens, TileShape tiles, KeyRows rows) implements AttentionSchedule {
  @Override
  public int passes(int head) {
    return 1;
  }

  @Override
  public int queries(int head, int pass) {
    return tokens;
  }

  @Override
  public int queryTile() {
    return tiles.queryTile();
  }

  @Override
  public boolean sharedByHeads() {
    return true;
  }

  @Override
  public Plan plan(int head, int pass, int firstQuery, int lastQuery) {
    PlanChecks.range(firstQuery, lastQuery, tokens);
    BlockPlan.Builder builder = BlockPlan.builder().ranks(tokens, tokens);
    return new TilePlanner(rows, tiles).write(builder, firstQuery, lastQuery).build();
  }
}
