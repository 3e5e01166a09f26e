package io.longreach.encoders.transformer;

import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.LshBuckets;
import io.longreach.kernels.plan.LshRotations;
import io.longreach.kernels.plan.LshSchedule;
import io.longreach.kernels.plan.TileShape;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Plans the LSH attention of one layer from its rows on the host: hashes, then sorts.
 *
 * <p>Rotations that are not given are drawn once for each number of buckets and kept.
 */
final class LshPlanner {
  private record Drawn(Lsh lsh, int columns) {}

  /** Row of token t at {@code offset + t * stride}, head by head. */
  record Rows(float[] values, int offset, int stride) {}

  private final int layer;
  private final HeadShape shape;
  private final LshRotations given;
  private final Map<Drawn, LshRotations> drawn = new ConcurrentHashMap<>();

  /**
   * @param given rotations, null to draw them from the pattern's seed
   */
  LshPlanner(int layer, HeadShape shape, LshRotations given) {
    this.layer = layer;
    this.shape = shape;
    this.given = given;
  }

  /**
   * The schedule for a document.
   *
   * @param keys are hashed only if the pattern hashes them apart
   */
  AttentionSchedule schedule(Lsh lsh, Document document, TileShape tiles, Rows queries, Rows keys) {
    int tokens = document.tokens();
    if (tokens <= lsh.chunkTokens()) {
      int[][] unused = new int[1][];
      return new LshSchedule(lsh, null, unused, unused, tokens, tiles, document.valid());
    }
    LshBuckets hash = new LshBuckets(lsh, tokens, rotations(lsh, tokens));
    int[][] queryBuckets = buckets(hash, queries, document);
    int[][] keyBuckets =
        lsh.hashed() == Lsh.Hashed.SHARED ? queryBuckets : buckets(hash, keys, document);
    return new LshSchedule(lsh, hash, queryBuckets, keyBuckets, tokens, tiles, document.valid());
  }

  private int[][] buckets(LshBuckets hash, Rows rows, Document document) {
    int[][] buckets = new int[shape.heads()][];
    for (int head = 0; head < buckets.length; head++) {
      buckets[head] =
          hash.of(
              rows.values(),
              rows.offset() + head * shape.headDim(),
              rows.stride(),
              document.tokens(),
              head,
              document.valid());
    }
    return buckets;
  }

  private LshRotations rotations(Lsh lsh, int tokens) {
    if (given != null) {
      return given;
    }
    return drawn.computeIfAbsent(
        new Drawn(lsh, LshRotations.columns(lsh, tokens)),
        ignored -> LshRotations.draw(lsh, layer, shape.heads(), shape.headDim(), tokens));
  }
}
