package io.longreach.kernels.plan;

import java.util.Objects;

/**
 * One pass of attention as data: for each query tile, the key tiles to visit, each FULL or with a
 * bit mask. Kernels read it and know no pattern names.
 *
 * <p><b>Orders.</b> Queries and keys are addressed by rank. {@code queryOrder[rank]} is the token
 * whose query row stands at that rank, {@code keyOrder[rank]} likewise; {@code null} is the
 * identity. A token may stand at several key ranks (then it counts each time), but at most once in
 * {@code queryOrder}. This is what makes dilated attention a window per residue class and LSH a
 * chunk with its neighbours.
 *
 * <p><b>Tiles.</b> The plan covers the query ranks {@code [firstQuery, lastQuery)} in tiles of
 * {@code queryTile} (the last one may be short). Query tile {@code t} visits the entries {@code
 * tileOffsets[t] .. tileOffsets[t+1]-1}; entry {@code e} covers the key ranks {@code keyStarts[e]
 * .. keyEnds[e] - 1}: at least one and at most {@code keyTile}, starting anywhere, so that a single
 * global key or the edge of a window does not cost a whole tile. A key covered by two entries
 * counts twice, which is how BigBird's repeated blocks and Reformer's repeated chunks are said.
 *
 * <p><b>Masks.</b> {@code maskIndex[e]} is {@link #FULL} (every connection of the entry allowed) or
 * the number of a mask. Mask {@code m} holds one row of bits per <i>key</i> of the tile: word
 * {@code maskBits[(m * keyTile + key) * wordsPerKey() + query / 64]}, bit {@code query % 64} is set
 * when that query sees that key (both counted from the entry's own corner; bits of queries and keys
 * that the entry does not have are clear). Keys are rows because kernels keep queries in vector
 * lanes. Masks repeat (every inner tile of a window has the same edges), so they are stored once.
 *
 * <p>A query that sees no key in any pass gets a zero context and a logSumExp of negative infinity.
 */
public final class BlockPlan implements Plan {
  /** {@link #maskIndex} of a tile whose every connection is allowed. */
  public static final int FULL = -1;

  private final int queries;
  private final int keys;
  private final int queryTile;
  private final int keyTile;
  private final int firstQuery;
  private final int lastQuery;
  private final int[] queryOrder;
  private final int[] keyOrder;
  private final int[] tileOffsets;
  private final int[] keyStarts;
  private final int[] keyEnds;
  private final int[] maskIndex;
  private final long[] maskBits;

  private BlockPlan(Builder b) {
    this.queries = b.queries;
    this.keys = b.keys;
    this.queryTile = b.queryTile;
    this.keyTile = b.keyTile;
    this.firstQuery = b.firstQuery;
    this.lastQuery = b.lastQuery;
    this.queryOrder = b.queryOrder;
    this.keyOrder = b.keyOrder;
    this.tileOffsets = Objects.requireNonNull(b.tileOffsets, "tileOffsets");
    this.keyStarts = Objects.requireNonNull(b.keyStarts, "keyStarts");
    this.keyEnds = Objects.requireNonNull(b.keyEnds, "keyEnds");
    this.maskIndex = Objects.requireNonNull(b.maskIndex, "maskIndex");
    this.maskBits = Objects.requireNonNull(b.maskBits, "maskBits");
    checkShape();
    checkEntries();
    checkOrders();
    checkMasks();
  }

  private void checkShape() {
    PlanChecks.positive("queryTile", queryTile);
    PlanChecks.positive("keyTile", keyTile);
    if (queries < 0 || keys < 0) {
      throw new IllegalArgumentException(
          "ranks must not be negative, were " + queries + " queries and " + keys + " keys");
    }
    PlanChecks.range(firstQuery, lastQuery, queries);
    if (firstQuery % queryTile != 0) {
      throw new IllegalArgumentException(
          "firstQuery must be a multiple of queryTile "
              + queryTile
              + ", was "
              + firstQuery
              + ": start the range at a tile");
    }
  }

  private void checkEntries() {
    int tiles = (int) (((long) lastQuery - firstQuery + queryTile - 1) / queryTile);
    PlanChecks.offsets("tileOffsets", tileOffsets, tiles, keyStarts.length);
    PlanChecks.length("keyEnds", keyEnds, keyStarts.length);
    PlanChecks.length("maskIndex", maskIndex, keyStarts.length);
    PlanChecks.below("keyStarts", keyStarts, 0, keyStarts.length, keys);
    int masks = masks();
    for (int e = 0; e < keyStarts.length; e++) {
      int width = keyEnds[e] - keyStarts[e];
      if (width < 1 || width > keyTile || keyEnds[e] > keys) {
        throw new IllegalArgumentException(
            "keyEnds must leave 1 to "
                + keyTile
                + " keys below rank "
                + keys
                + ", entry "
                + e
                + " was ["
                + keyStarts[e]
                + ", "
                + keyEnds[e]
                + "): split the entry");
      }
      if (maskIndex[e] != FULL && (maskIndex[e] < 0 || maskIndex[e] >= masks)) {
        throw new IllegalArgumentException(
            "maskIndex must be FULL or one of "
                + masks
                + " masks, was "
                + maskIndex[e]
                + " at "
                + e
                + ": add the mask");
      }
    }
  }

  /** Only what this range touches: the orders are whole and shared by all ranges of a pass. */
  private void checkOrders() {
    if (queryOrder != null) {
      PlanChecks.length("queryOrder", queryOrder, queries);
      PlanChecks.below("queryOrder", queryOrder, firstQuery, lastQuery, Integer.MAX_VALUE);
    }
    if (keyOrder != null) {
      PlanChecks.length("keyOrder", keyOrder, keys);
      for (int e = 0; e < keyStarts.length; e++) {
        PlanChecks.below("keyOrder", keyOrder, keyStarts[e], keyEnds[e], Integer.MAX_VALUE);
      }
    }
  }

  private void checkMasks() {
    int words = wordsPerKey();
    if (maskBits.length % ((long) keyTile * words) != 0) {
      throw new IllegalArgumentException(
          "maskBits must hold whole masks of "
              + (long) keyTile * words
              + " words, had "
              + maskBits.length
              + " words: pad the last mask");
    }
    long beyond = queryTile % 64 == 0 ? 0 : -1L << (queryTile % 64);
    for (int i = words - 1; i < maskBits.length; i += words) {
      if ((maskBits[i] & beyond) != 0) {
        throw new IllegalArgumentException(
            "maskBits must be clear beyond queryTile "
                + queryTile
                + ", word "
                + i
                + " was "
                + Long.toHexString(maskBits[i])
                + ": mask the last word");
      }
    }
  }

  @Override
  public int queries() {
    return queries;
  }

  /** Ranks on the key side. */
  public int keys() {
    return keys;
  }

  /** Queries per tile. */
  public int queryTile() {
    return queryTile;
  }

  /** Keys per tile. */
  public int keyTile() {
    return keyTile;
  }

  /** First query rank covered, a multiple of {@link #queryTile}. */
  @Override
  public int firstQuery() {
    return firstQuery;
  }

  @Override
  public int lastQuery() {
    return lastQuery;
  }

  /** Query tiles covered. */
  public int queryTiles() {
    return tileOffsets.length - 1;
  }

  /** Rank to token for queries, {@code null} for the identity. Not copied: do not write to it. */
  public int[] queryOrder() {
    return queryOrder;
  }

  /** Rank to token for keys, {@code null} for the identity. Not copied: do not write to it. */
  public int[] keyOrder() {
    return keyOrder;
  }

  /** First entry of query tile {@code tile}, counted from {@link #firstQuery}. */
  public int firstEntry(int tile) {
    return tileOffsets[tile];
  }

  /** One past the last entry of query tile {@code tile}. */
  public int lastEntry(int tile) {
    return tileOffsets[tile + 1];
  }

  /** First key rank of an entry. */
  public int keyStart(int entry) {
    return keyStarts[entry];
  }

  /** One past the last key rank of an entry. */
  public int keyEnd(int entry) {
    return keyEnds[entry];
  }

  /** {@link #FULL} or the number of the mask of an entry. */
  public int maskIndex(int entry) {
    return maskIndex[entry];
  }

  /** Number of distinct masks. */
  public int masks() {
    return (int) (maskBits.length / ((long) keyTile * wordsPerKey()));
  }

  /** 64-bit words per key row of a mask. */
  public int wordsPerKey() {
    return (queryTile + 63) >>> 6;
  }

  /** All masks, see the class comment. Not copied: do not write to it. */
  public long[] maskBits() {
    return maskBits;
  }

  /** Starts a plan with named parts. */
  public static Builder builder() {
    return new Builder();
  }

  /** The parts of a plan, named; {@link #build} validates them. */
  public static final class Builder {
    private int queries;
    private int keys;
    private int queryTile;
    private int keyTile;
    private int firstQuery;
    private int lastQuery;
    private int[] queryOrder;
    private int[] keyOrder;
    private int[] tileOffsets;
    private int[] keyStarts;
    private int[] keyEnds;
    private int[] maskIndex;
    private long[] maskBits = {};

    private Builder() {}

    public Builder ranks(int queries, int keys) {
      this.queries = queries;
      this.keys = keys;
      return this;
    }

    public Builder tiles(int queryTile, int keyTile) {
      this.queryTile = queryTile;
      this.keyTile = keyTile;
      return this;
    }

    public Builder range(int firstQuery, int lastQuery) {
      this.firstQuery = firstQuery;
      this.lastQuery = lastQuery;
      return this;
    }

    public Builder order(int[] queryOrder, int[] keyOrder) {
      this.queryOrder = queryOrder;
      this.keyOrder = keyOrder;
      return this;
    }

    public Builder entries(int[] tileOffsets, int[] keyStarts, int[] keyEnds, int[] maskIndex) {
      this.tileOffsets = tileOffsets;
      this.keyStarts = keyStarts;
      this.keyEnds = keyEnds;
      this.maskIndex = maskIndex;
      return this;
    }

    public Builder masks(long[] maskBits) {
      this.maskBits = maskBits;
      return this;
    }

    /**
     * @throws IllegalArgumentException naming the part that is out of range
     */
    public BlockPlan build() {
      return new BlockPlan(this);
    }
  }
}
