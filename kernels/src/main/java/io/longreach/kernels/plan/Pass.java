package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.KeyLayout;
import io.longreach.kernels.pattern.KeyPart;
import io.longreach.kernels.pattern.KeyRows;
import io.longreach.kernels.pattern.KeyRuns;
import java.util.BitSet;
import java.util.List;

/**
 * One part of a pattern as one pass: where its queries and keys stand, and which plan each range
 * gets. Connections that earlier parts already make are left out.
 */
final class Pass {
  private final KeyPart part;
  private final List<KeyPart> earlier;
  private final PassOrder order;
  private final TileShape tiles;

  /** Valid tokens, null if all are. */
  private final BitSet valid;

  /** Valid key ranks, null if all are. */
  private final BitSet validKeys;

  /** The last tiles that were planned far from all edges. */
  private final InnerTile[] inner = new InnerTile[InnerTile.PHASES];

  Pass(KeyPart part, List<KeyPart> earlier, int tokens, TileShape tiles, BitSet valid) {
    this.part = part;
    this.earlier = List.copyOf(earlier);
    this.order = PassOrder.of(part.layout(), tokens);
    this.tiles = tiles;
    this.valid = valid;
    this.validKeys = valid == null ? null : order.keyRanks(valid);
  }

  int queries() {
    return order.queries();
  }

  Plan plan(int firstQuery, int lastQuery) {
    PlanChecks.range(firstQuery, lastQuery, queries());
    KeyRows rows = new DisjointRows(part, earlier);
    return part.layout() instanceof KeyLayout.Scattered
        ? gather(rows, firstQuery, lastQuery)
        : tile(rows, firstQuery, lastQuery);
  }

  private BlockPlan tile(KeyRows rows, int firstQuery, int lastQuery) {
    KeyRows ranked = order.ranked(rows);
    KeyRows planned = valid == null ? ranked : new ValidRows(ranked);
    BlockPlan.Builder builder =
        BlockPlan.builder()
            .ranks(order.queries(), order.keys())
            .order(order.queryOrder(), order.keyOrder());
    return new TilePlanner(planned, tiles, validKeys, inner)
        .write(builder, firstQuery, lastQuery)
        .build();
  }

  private GatherPlan gather(KeyRows rows, int firstQuery, int lastQuery) {
    GatherWriter writer = new GatherWriter(firstQuery, lastQuery);
    KeyRuns runs = new KeyRuns();
    for (int query = firstQuery; query < lastQuery; query++) {
      if (valid == null || valid.get(query)) {
        for (int level = 0; level < rows.levels(); level++) {
          runs.clear();
          rows.keys(query, level, runs);
          writer.add(runs, valid);
        }
      }
      writer.endQuery();
    }
    return writer.plan(order.queries());
  }

  /** Ranked rows without the queries that are not valid. */
  private final class ValidRows implements KeyRows {
    private final KeyRows rows;

    ValidRows(KeyRows rows) {
      this.rows = rows;
    }

    @Override
    public void keys(int rank, int level, KeyRuns out) {
      if (valid.get(order.queryToken(rank))) {
        rows.keys(rank, level, out);
      }
    }

    @Override
    public int levels() {
      return rows.levels();
    }
  }
}
