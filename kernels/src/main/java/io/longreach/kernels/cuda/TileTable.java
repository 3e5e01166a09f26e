package io.longreach.kernels.cuda;

import io.longreach.kernels.plan.BlockPlan;
import java.util.Arrays;

/**
 * The query tiles of one launch, gathered from the plans of any number of documents, as {@code
 * attention.cuh} describes them. Ranks are rows, unless a plan has an order: then all get one.
 */
final class TileTable {
  private static final int BY_RULE = -2;

  private final int largestTile;
  private final boolean ordered;
  private final IntArray tiles = new IntArray();
  private final IntArray entries = new IntArray();
  private final IntArray queryOrder = new IntArray();
  private final IntArray keyOrder = new IntArray();
  private long[] maskBits = {};

  /**
   * @param largestTile queries that one block takes
   * @param ordered whether any of the plans has an order
   */
  TileTable(int largestTile, boolean ordered) {
    this.largestTile = largestTile;
    this.ordered = ordered;
  }

  static boolean isOrdered(BlockPlan plan) {
    return plan.queryOrder() != null || plan.keyOrder() != null;
  }

  /**
   * @param firstRow of the plan's document, from where the launch begins
   */
  void add(BlockPlan plan, int firstRow) {
    int queryBase = firstRow;
    int keyBase = firstRow;
    if (ordered) {
      queryBase = queryOrder.size() - plan.firstQuery();
      keyBase = keyOrder.size();
      addOrder(queryOrder, plan.queryOrder(), plan.firstQuery(), plan.lastQuery(), firstRow);
      addOrder(keyOrder, plan.keyOrder(), 0, lastKey(plan), firstRow);
    }
    int firstEntry = entries.size() / 3;
    addEntries(plan, keyBase);
    for (int tile = 0; tile < plan.queryTiles(); tile++) {
      int first = plan.firstQuery() + tile * plan.queryTile();
      int last = Math.min(plan.lastQuery(), first + plan.queryTile());
      for (int part = first; part < last; part += largestTile) {
        tiles.add(queryBase + part, queryBase + Math.min(last, part + largestTile));
        tiles.add(firstEntry + plan.firstEntry(tile), firstEntry + plan.lastEntry(tile));
        tiles.add(part - first, plan.wordsPerKey());
      }
    }
  }

  /**
   * A tile whose keys are decided by a rule.
   *
   * @param runs first and last key rank of each run, alternately
   */
  void addByRule(int first, int last, int... runs) {
    int firstEntry = entries.size() / 3;
    for (int run = 0; run < runs.length; run += 2) {
      entries.add(runs[run], runs[run + 1], BY_RULE);
    }
    for (int part = first; part < last; part += largestTile) {
      tiles.add(part, Math.min(last, part + largestTile), firstEntry, entries.size() / 3, 0, 0);
    }
  }

  private static int lastKey(BlockPlan plan) {
    int last = 0;
    for (int entry = 0; entry < plan.lastEntry(plan.queryTiles() - 1); entry++) {
      last = Math.max(last, plan.keyEnd(entry));
    }
    return last;
  }

  private static void addOrder(IntArray to, int[] order, int first, int last, int firstRow) {
    for (int rank = first; rank < last; rank++) {
      to.add(firstRow + (order == null ? rank : order[rank]));
    }
  }

  private void addEntries(BlockPlan plan, int keyBase) {
    int masks = maskBits.length;
    long[] own = plan.maskBits();
    if (own.length > 0) {
      maskBits = Arrays.copyOf(maskBits, Math.addExact(masks, own.length));
      System.arraycopy(own, 0, maskBits, masks, own.length);
    }
    int wordsPerMask = plan.keyTile() * plan.wordsPerKey();
    for (int entry = 0; entry < plan.lastEntry(plan.queryTiles() - 1); entry++) {
      int mask = plan.maskIndex(entry);
      entries.add(keyBase + plan.keyStart(entry), keyBase + plan.keyEnd(entry));
      entries.add(mask == BlockPlan.FULL ? mask : masks + mask * wordsPerMask);
    }
  }

  /** Blocks of the launch, for each head. */
  int blocks() {
    return tiles.size() / 6;
  }

  /** The table on the device. */
  Uploaded upload(Memory.Pool pool) {
    return new Uploaded(
        ordered ? pool.of(queryOrder.toArray()) : null,
        ordered ? pool.of(keyOrder.toArray()) : null,
        pool.of(tiles.toArray()),
        pool.of(entries.toArray()),
        maskBits.length == 0 ? null : pool.of(maskBits));
  }

  /** In the order of the kernels' parameters; orders null for none. */
  record Uploaded(Memory queryOrder, Memory keyOrder, Memory tiles, Memory entries, Memory maskBits)
      implements AutoCloseable {
    @Override
    public void close() {
      for (Memory memory : new Memory[] {queryOrder, keyOrder, tiles, entries, maskBits}) {
        if (memory != null) {
          memory.close();
        }
      }
    }
  }
}
