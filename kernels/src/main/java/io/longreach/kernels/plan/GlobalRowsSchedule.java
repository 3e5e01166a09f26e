package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.Global;
import io.longreach.kernels.pattern.KeyLayout;
import io.longreach.kernels.pattern.KeyPart;
import java.util.BitSet;
import java.util.List;

/** Of global tokens only what they see themselves, in one pass for all heads. */
final class GlobalRowsSchedule implements AttentionSchedule {
  private final int tokens;
  private final TileShape tiles;
  private final Pass rows;

  GlobalRowsSchedule(Global global, int tokens, TileShape tiles, BitSet valid) {
    this.tokens = tokens;
    this.tiles = tiles;
    KeyPart whole =
        global.parts(tokens).stream()
            .filter(part -> part.layout() instanceof KeyLayout.QueryRows)
            .findFirst()
            .orElseThrow();
    this.rows = new Pass(whole, List.of(), tokens, tiles, valid);
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
    return rows.queries();
  }

  @Override
  public boolean zeroesOthers() {
    return false;
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
    return rows.plan(firstQuery, lastQuery);
  }
}
