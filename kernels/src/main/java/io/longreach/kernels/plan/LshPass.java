package io.longreach.kernels.plan;

import java.util.Arrays;
import java.util.BitSet;

/** One round: query rank i is the i-th token of the round's order. */
final class LshPass {
  private final int[] queryOrder;
  private final int[] keyOrder;
  private final int[] keyStarts;
  private final LshChunks chunks;
  private final TileShape tiles;
  private final BitSet valid;
  private final BitSet ownKey;
  private final boolean causal;
  private final boolean shared;

  /**
   * @param queries tokens sorted by (round, bucket, position)
   * @param keys likewise
   * @param lonely tokens that see their own key, in the first round
   * @param shared query and key stand in the same order, and nobody else sees the own key
   */
  LshPass(
      int[] queries,
      int[] keys,
      LshChunks chunks,
      int round,
      TileShape tiles,
      BitSet valid,
      BitSet lonely,
      boolean causal,
      boolean shared) {
    int first = round * chunks.tokens();
    this.queryOrder = Arrays.copyOfRange(queries, first, first + chunks.tokens());
    this.keyStarts = chunks.keyStarts(round);
    this.keyOrder = chunks.keyOrder(keys, round, keyStarts);
    this.chunks = chunks;
    this.tiles = tiles;
    this.valid = valid;
    this.ownKey = round == 0 ? lonely : new BitSet();
    this.causal = causal;
    this.shared = shared;
  }

  BlockPlan plan(int firstQuery, int lastQuery) {
    PlanChecks.range(firstQuery, lastQuery, queryOrder.length);
    Writer writer = new Writer();
    int tileCount =
        (int) (((long) lastQuery - firstQuery + tiles.queryTile() - 1) / tiles.queryTile());
    int[] tileOffsets = new int[tileCount + 1];
    for (int tile = 0; tile < tileCount; tile++) {
      int first = firstQuery + tile * tiles.queryTile();
      writer.tile(first, (int) Math.min((long) first + tiles.queryTile(), lastQuery));
      tileOffsets[tile + 1] = writer.entries.size();
    }
    BlockPlan.Builder builder =
        BlockPlan.builder()
            .ranks(queryOrder.length, keyOrder.length)
            .order(queryOrder, keyOrder)
            .tiles(tiles.queryTile(), tiles.keyTile())
            .range(firstQuery, lastQuery)
            .masks(writer.pool.bits());
    return writer.entries.into(builder, tileOffsets).build();
  }

  /** Writes the masks of tiles key by key; a tile has at most 64 queries, one word. */
  private final class Writer {
    final EntryList entries = new EntryList();
    final MaskPool pool = new MaskPool(tiles.keyTile());
    private final long[] mask = new long[tiles.keyTile()];

    /** Position and place in the tile of each query, sorted by position: for causal masks. */
    private final long[] byPosition = new long[tiles.queryTile()];

    /** Queries at and after a place of {@link #byPosition}. */
    private final long[] later = new long[tiles.queryTile() + 1];

    void tile(int first, int last) {
      int firstChunk = first / chunks.chunkTokens();
      int lastChunk = (last - 1) / chunks.chunkTokens();
      int keysEnd = keyStarts[lastChunk + chunks.reach()];
      if (causal) {
        sortByPosition(first, last);
      }
      for (int start = keyStarts[firstChunk]; start < keysEnd; start += tiles.keyTile()) {
        int end = Math.min(keysEnd, start + tiles.keyTile());
        Arrays.fill(mask, 0);
        for (int chunk = firstChunk; chunk <= lastChunk; chunk++) {
          fill(chunk, first, last, start, end);
        }
        addEntry(start, end, last - first);
      }
    }

    private void fill(int chunk, int first, int last, int start, int end) {
      int chunkFirst = chunk * chunks.chunkTokens();
      int from = Math.max(first, chunkFirst);
      int to = (int) Math.min(last, (long) chunkFirst + chunks.chunkTokens());
      long queries = bits(from - first, to - first) & validQueries(first, from, to);
      int keyFrom = Math.max(start, keyStarts[chunk]);
      int keyTo = Math.min(end, keyStarts[chunk + chunks.reach()]);
      for (int key = keyFrom; key < keyTo; key++) {
        int token = keyOrder[key];
        if (valid == null || valid.get(token)) {
          mask[key - start] |= causal ? queries & laterThan(token, last - first) : queries;
        }
      }
      if (shared) {
        for (int query = from; query < to; query++) {
          decideOwnKey(chunk, query, 1L << (query - first), start, keyFrom, keyTo);
        }
      }
    }

    private void decideOwnKey(int chunk, int query, long bit, int start, int keyFrom, int keyTo) {
      int token = queryOrder[query];
      int own = keyStarts[chunk + chunks.before()] + query - chunk * chunks.chunkTokens();
      if (chunks.seesBeyond(chunk)) {
        for (int key = keyFrom; key < keyTo; key++) {
          if (keyOrder[key] == token) {
            mask[key - start] &= ~bit;
          }
        }
      }
      if (own >= keyFrom && own < keyTo) {
        mask[own - start] &= ~bit;
        if (ownKey.get(token) && (valid == null || valid.get(token))) {
          mask[own - start] |= bit;
        }
      }
    }

    private long validQueries(int first, int from, int to) {
      if (valid == null) {
        return -1;
      }
      long queries = 0;
      for (int query = from; query < to; query++) {
        if (valid.get(queryOrder[query])) {
          queries |= 1L << (query - first);
        }
      }
      return queries;
    }

    private void sortByPosition(int first, int last) {
      int count = last - first;
      for (int query = 0; query < count; query++) {
        byPosition[query] = (long) queryOrder[first + query] << 6 | query;
      }
      Arrays.sort(byPosition, 0, count);
      later[count] = 0;
      for (int place = count - 1; place >= 0; place--) {
        later[place] = later[place + 1] | 1L << (byPosition[place] & 63);
      }
    }

    /** Queries at a later position than a key's, or at its own where keys are hashed apart. */
    private long laterThan(int token, int count) {
      long least = (long) token + (shared ? 1 : 0) << 6;
      int place = Arrays.binarySearch(byPosition, 0, count, least);
      return later[place >= 0 ? place : -place - 1];
    }

    private void addEntry(int start, int end, int queries) {
      int from = 0;
      int to = end - start;
      while (to > from && mask[to - 1] == 0) {
        to--;
      }
      while (from < to && mask[from] == 0) {
        from++;
      }
      if (from == to) {
        return;
      }
      System.arraycopy(mask, from, mask, 0, to - from);
      Arrays.fill(mask, to - from, mask.length, 0);
      long every = bits(0, queries);
      boolean full = true;
      for (int key = 0; key < to - from && full; key++) {
        full = mask[key] == every;
      }
      int number = full ? BlockPlan.FULL : pool.number(mask, entries.maskBefore(1));
      entries.add(start + from, start + to, number);
    }

    private static long bits(int from, int to) {
      return from == to ? 0 : (-1L >>> (64 - (to - from))) << from;
    }
  }
}
