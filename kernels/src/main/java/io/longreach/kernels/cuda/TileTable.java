package io.longreach.kernels.cuda;

import io.longreach.kernels.plan.BlockPlan;
import java.util.Arrays;

/**
 * The query tiles of one launch, gathered from the plans of any number of documents, as {@code
 * attention.cuh} describes them. Ranks are rows, unless there is an order: then all get one.
 */
final class TileTable {
  private static final int BY_RULE = -2;
  private static final int TILE_WORDS = 6;
  private static final int ENTRY_WORDS = 3;

  private final int largestTile;
  private final boolean ordersQueries;
  private final boolean ordersKeys;
  private final IntArray tiles = new IntArray();
  private final IntArray entries = new IntArray();
  private final IntArray queryOrder = new IntArray();
  private final IntArray keyOrder = new IntArray();
  private long[] maskBits = {};
  private int masks;

  /** End of the last entry if more keys that all see may join it, else -1. */
  private int openEnd = -1;

  /**
   * @param largestTile queries that one block takes
   * @param ordersQueries whether queries have an order
   * @param ordersKeys whether keys have one
   */
  TileTable(int largestTile, boolean ordersQueries, boolean ordersKeys) {
    this.largestTile = largestTile;
    this.ordersQueries = ordersQueries;
    this.ordersKeys = ordersKeys;
  }

  /**
   * @param firstRow of the plan's document, from where the launch begins
   */
  void add(BlockPlan plan, int firstRow) {
    Placed placed = place(plan, firstRow);
    int queryBase = firstRow;
    if (ordersQueries) {
      queryBase = queryOrder.size() - plan.firstQuery();
      addOrder(queryOrder, plan.queryOrder(), plan.firstQuery(), plan.lastQuery(), firstRow);
    }
    for (int tile = 0; tile < plan.queryTiles(); tile++) {
      int firstEntry = entries();
      for (int entry = plan.firstEntry(tile); entry < plan.lastEntry(tile); entry++) {
        placed.addKeys(entry, plan.keyStart(entry), plan.keyEnd(entry));
      }
      endEntry();
      int first = firstOf(plan, tile);
      int last = lastOf(plan, tile);
      for (int part = first; part < last; part += largestTile) {
        int end = Math.min(last, part + largestTile);
        addTile(queryBase + part, queryBase + end, firstEntry, part - first, plan.wordsPerKey());
      }
    }
  }

  /**
   * The same with the keys of a tile in parts: every part is a tile of its own, whose queries have
   * ranks of their own.
   *
   * @param keys of a part
   * @param parts gets for each query its row, the rank that it has in the first part, the ranks
   *     from one part to the next, and the number of parts
   */
  void addParts(BlockPlan plan, int firstRow, int keys, IntArray parts) {
    Placed placed = place(plan, firstRow);
    for (int tile = 0; tile < plan.queryTiles(); tile++) {
      int first = firstOf(plan, tile);
      int last = lastOf(plan, tile);
      for (int part = first; part < last; part += largestTile) {
        int end = Math.min(last, part + largestTile);
        int firstRank = queryOrder.size();
        int count = addParts(placed, tile, part, end, keys);
        for (int query = part; query < end; query++) {
          parts.add(row(plan.queryOrder(), query, firstRow), firstRank + query - part);
          parts.add(end - part, count);
        }
      }
    }
  }

  /** Returns the number of parts. */
  private int addParts(Placed placed, int tile, int first, int last, int keys) {
    BlockPlan plan = placed.plan;
    int parts = 0;
    int room = keys;
    int firstEntry = entries();
    for (int entry = plan.firstEntry(tile); entry < plan.lastEntry(tile); entry++) {
      for (int from = plan.keyStart(entry); from < plan.keyEnd(entry); ) {
        int to = Math.min(plan.keyEnd(entry), from + room);
        placed.addKeys(entry, from, to);
        room -= to - from;
        from = to;
        if (room == 0) {
          addPart(placed, tile, first, last, firstEntry);
          parts++;
          firstEntry = entries();
          room = keys;
        }
      }
    }
    if (room < keys || parts == 0) {
      addPart(placed, tile, first, last, firstEntry);
      parts++;
    }
    return parts;
  }

  private void addPart(Placed placed, int tile, int first, int last, int firstEntry) {
    endEntry();
    int rank = queryOrder.size();
    addOrder(queryOrder, placed.plan.queryOrder(), first, last, placed.firstRow);
    int bit = first - firstOf(placed.plan, tile);
    addTile(rank, rank + last - first, firstEntry, bit, placed.plan.wordsPerKey());
  }

  /**
   * A tile whose keys are decided by a rule.
   *
   * @param runs first and last key rank of each run, alternately
   */
  void addByRule(int first, int last, int... runs) {
    int firstEntry = entries();
    for (int run = 0; run < runs.length; run += 2) {
      entries.add(runs[run], runs[run + 1], BY_RULE);
    }
    for (int part = first; part < last; part += largestTile) {
      addTile(part, Math.min(last, part + largestTile), firstEntry, 0, 0);
    }
  }

  private void addTile(int first, int last, int firstEntry, int firstBit, int wordsPerKey) {
    tiles.add(first, last, firstEntry, entries(), firstBit, wordsPerKey);
  }

  private static int firstOf(BlockPlan plan, int tile) {
    return plan.firstQuery() + tile * plan.queryTile();
  }

  private static int lastOf(BlockPlan plan, int tile) {
    return Math.min(plan.lastQuery(), firstOf(plan, tile) + plan.queryTile());
  }

  private static int lastKey(BlockPlan plan) {
    int last = 0;
    for (int entry = 0; entry < plan.lastEntry(plan.queryTiles() - 1); entry++) {
      last = Math.max(last, plan.keyEnd(entry));
    }
    return last;
  }

  private static int row(int[] order, int rank, int firstRow) {
    return firstRow + (order == null ? rank : order[rank]);
  }

  private static void addOrder(IntArray to, int[] order, int first, int last, int firstRow) {
    for (int rank = first; rank < last; rank++) {
      to.add(row(order, rank, firstRow));
    }
  }

  /** A plan whose key order and masks are in the table. */
  private Placed place(BlockPlan plan, int firstRow) {
    int keyBase = firstRow;
    if (ordersKeys) {
      keyBase = keyOrder.size();
      addOrder(keyOrder, plan.keyOrder(), 0, lastKey(plan), firstRow);
    }
    int firstMask = masks;
    long[] own = plan.maskBits();
    masks = Math.addExact(masks, own.length);
    if (masks > maskBits.length) {
      maskBits = Arrays.copyOf(maskBits, Math.max(masks, 2 * maskBits.length));
    }
    System.arraycopy(own, 0, maskBits, firstMask, own.length);
    return new Placed(plan, firstRow, keyBase, firstMask);
  }

  /** Where a plan's keys and masks are in the table. */
  private final class Placed {
    private final BlockPlan plan;
    private final int firstRow;
    private final int keyBase;
    private final int firstMask;

    Placed(BlockPlan plan, int firstRow, int keyBase, int firstMask) {
      this.plan = plan;
      this.firstRow = firstRow;
      this.keyBase = keyBase;
      this.firstMask = firstMask;
    }

    /** Some keys of an entry, as an entry or as more of the one before. */
    void addKeys(int entry, int first, int last) {
      int mask = plan.maskIndex(entry);
      if (mask != BlockPlan.FULL) {
        int key = mask * plan.keyTile() + first - plan.keyStart(entry);
        endEntry();
        entries.add(keyBase + first, keyBase + last, firstMask + key * plan.wordsPerKey());
      } else if (openEnd == keyBase + first) {
        openEnd = keyBase + last;
        entries.set(entries.size() - 2, openEnd);
      } else {
        openEnd = keyBase + last;
        entries.add(keyBase + first, openEnd, mask);
      }
    }
  }

  private void endEntry() {
    openEnd = -1;
  }

  private int entries() {
    return entries.size() / ENTRY_WORDS;
  }

  /** Blocks of the launch, for each head. */
  int blocks() {
    return tiles.size() / TILE_WORDS;
  }

  /** Ranks of queries, where they have an order. */
  int ranks() {
    return queryOrder.size();
  }

  /** The table on the device. */
  Uploaded upload(Memory.Pool pool) {
    long ints = tiles.size() + entries.size() + queryOrder.size() + keyOrder.size();
    return new Uploaded(
        ordersQueries ? pool.of(queryOrder.toArray()) : null,
        ordersKeys ? pool.of(keyOrder.toArray()) : null,
        pool.of(tiles.toArray()),
        pool.of(entries.toArray()),
        masks == 0 ? null : pool.of(Arrays.copyOf(maskBits, masks)),
        ints * Integer.BYTES + (long) masks * Long.BYTES);
  }

  /** In the order of the kernels' parameters; orders null for none. */
  record Uploaded(
      Memory queryOrder, Memory keyOrder, Memory tiles, Memory entries, Memory maskBits, long bytes)
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
