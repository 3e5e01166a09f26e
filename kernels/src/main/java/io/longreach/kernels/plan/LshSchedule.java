package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Lsh;
import java.util.BitSet;
import java.util.function.Supplier;

/**
 * LSH attention lowered from its hashes: a pass for each round, its queries in the round's order,
 * its keys the same with the chunks before and after that neighbour across the rounds' borders.
 *
 * <p><b>Self.</b> A query's own key is left out of its plan wherever it occurs. One that meets no
 * other key in any round gets its own, once: the limit of the published score of -100,000, without
 * its loss of precision.
 *
 * <p><b>Cost.</b> {@code 8 * rounds} bytes a token and head.
 */
public final class LshSchedule implements AttentionSchedule {
  private final int tokens;
  private final int queryTile;
  private final LshPass[][] passes;

  /**
   * Sorts the hashes and lays out the passes.
   *
   * @param hash what made the buckets
   * @param queryBuckets {@code [heads][rounds * tokens]}
   * @param keyBuckets the same array for a pattern with shared query and key
   * @param valid tokens that are no padding, null for all
   * @throws IllegalArgumentException if the buckets' sizes do not fit
   */
  public LshSchedule(
      Lsh lsh,
      LshBuckets hash,
      int[][] queryBuckets,
      int[][] keyBuckets,
      int tokens,
      TileShape tiles,
      BitSet valid) {
    PlanChecks.positive("tokens", tokens);
    boolean whole = tokens <= lsh.chunkTokens();
    int rounds = whole ? 1 : lsh.rounds();
    long reach = ((long) lsh.chunksBefore() + lsh.chunksAfter()) * lsh.chunkTokens();
    if ((long) rounds * tokens + reach > Integer.MAX_VALUE - 2 * TileShape.LIMIT) {
      throw new IllegalArgumentException(
          "rounds x tokens must be below 2^31, were "
              + rounds
              + " x "
              + tokens
              + ": hash fewer rounds or cut the document");
    }
    this.tokens = tokens;
    this.queryTile = queryTile(lsh.chunkTokens(), tiles.queryTile());
    TileShape own = new TileShape(queryTile, tiles.keyTile());
    this.passes = new LshPass[queryBuckets.length][rounds];
    for (int head = 0; head < queryBuckets.length; head++) {
      int[] queries = order(hash, queryBuckets[head], rounds, tokens, whole);
      boolean shared = lsh.hashed() == Lsh.Hashed.SHARED;
      int[] keys = shared ? queries : order(hash, keyBuckets[head], rounds, tokens, whole);
      LshChunks chunks =
          whole
              ? new LshChunks(1, tokens, tokens, 0, 0)
              : new LshChunks(
                  rounds, tokens, lsh.chunkTokens(), lsh.chunksBefore(), lsh.chunksAfter());
      boolean causal = lsh.direction() == Direction.CAUSAL;
      BitSet lonely = shared ? chunks.lonely(keys, valid, causal) : new BitSet();
      for (int round = 0; round < rounds; round++) {
        passes[head][round] =
            new LshPass(queries, keys, chunks, round, own, valid, lonely, causal, shared);
      }
    }
  }

  /**
   * Hashes a document and lays it out.
   *
   * @param queryBuckets {@code [heads][rounds * tokens]}: asked only if there is to be hashed
   * @param keyBuckets likewise, only if keys are hashed apart
   */
  public static LshSchedule of(
      LshDocument document,
      LshBuckets hash,
      TileShape tiles,
      Supplier<int[][]> queryBuckets,
      Supplier<int[][]> keyBuckets) {
    Lsh lsh = document.lsh();
    int tokens = document.tokens();
    if (document.isWhole()) {
      int[][] unused = new int[1][];
      return new LshSchedule(lsh, null, unused, unused, tokens, tiles, document.valid());
    }
    int[][] queries = queryBuckets.get();
    int[][] keys = lsh.hashed() == Lsh.Hashed.SEPARATE ? keyBuckets.get() : queries;
    return new LshSchedule(lsh, hash, queries, keys, tokens, tiles, document.valid());
  }

  private static int[] order(
      LshBuckets hash, int[] buckets, int rounds, int tokens, boolean whole) {
    if (whole) {
      int[] identity = new int[tokens];
      for (int token = 0; token < tokens; token++) {
        identity[token] = token;
      }
      return identity;
    }
    PlanChecks.length("buckets", buckets, rounds * tokens);
    PlanChecks.below("buckets", buckets, 0, buckets.length, hash.count());
    return LshOrder.sorted(buckets, rounds, tokens, hash.count());
  }

  /**
   * A part of a chunk if chunks divide so, else what the kernel likes; one word of bits at most.
   */
  private static int queryTile(int chunkTokens, int preferred) {
    for (int tile = Math.min(64, chunkTokens); tile >= 16; tile--) {
      if (chunkTokens % tile == 0) {
        return tile;
      }
    }
    return Math.min(64, preferred);
  }

  @Override
  public int tokens() {
    return tokens;
  }

  @Override
  public int passes(int head) {
    return passes[passes.length == 1 ? 0 : head].length;
  }

  @Override
  public int queries(int head, int pass) {
    return tokens;
  }

  @Override
  public int queryTile() {
    return queryTile;
  }

  @Override
  public boolean sharedByHeads() {
    return passes.length == 1;
  }

  @Override
  public Plan plan(int head, int pass, int firstQuery, int lastQuery) {
    return passes[passes.length == 1 ? 0 : head][pass].plan(firstQuery, lastQuery);
  }
}
