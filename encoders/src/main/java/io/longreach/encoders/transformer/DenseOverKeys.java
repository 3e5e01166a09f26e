package io.longreach.encoders.transformer;

import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.BlockPlan;
import io.longreach.kernels.plan.TileShape;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Every token, padding too, sees every valid key: what BERT computes behind its attention mask.
 * Other schedules let padding see nothing, but BERT pools the first row even where that is padding.
 */
final class DenseOverKeys implements AttentionSchedule {
  private static final TileShape TILES = TileShape.DEFAULT;

  private final int tokens;
  private final int[] keys;

  DenseOverKeys(int tokens, BitSet valid) {
    this.tokens = tokens;
    this.keys = valid.stream().toArray();
  }

  @Override
  public int tokens() {
    return tokens;
  }

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
    return TILES.queryTile();
  }

  @Override
  public boolean sharedByHeads() {
    return true;
  }

  @Override
  public BlockPlan plan(int head, int pass, int firstQuery, int lastQuery) {
    int tiles = (lastQuery - firstQuery + TILES.queryTile() - 1) / TILES.queryTile();
    int perTile = (keys.length + TILES.keyTile() - 1) / TILES.keyTile();
    int[] offsets = new int[tiles + 1];
    int[] starts = new int[tiles * perTile];
    int[] ends = new int[starts.length];
    int[] masks = new int[starts.length];
    Arrays.fill(masks, BlockPlan.FULL);
    for (int entry = 0; entry < starts.length; entry++) {
      starts[entry] = entry % perTile * TILES.keyTile();
      ends[entry] = Math.min(keys.length, starts[entry] + TILES.keyTile());
    }
    for (int tile = 1; tile <= tiles; tile++) {
      offsets[tile] = tile * perTile;
    }
    return BlockPlan.builder()
        .ranks(tokens, keys.length)
        .tiles(TILES.queryTile(), TILES.keyTile())
        .range(firstQuery, lastQuery)
        .order(null, keys)
        .entries(offsets, starts, ends, masks)
        .build();
  }
}
