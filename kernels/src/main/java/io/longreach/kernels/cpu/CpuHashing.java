package io.longreach.kernels.cpu;

import io.longreach.kernels.plan.LshBuckets;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshSchedule;
import io.longreach.kernels.plan.TileShape;

/**
 * Hashes heads for LSH attention with attention's own kernel: a row times the rotations is its
 * score with each of them as a key, and comes out with tokens side by side, as the argmax wants
 * them.
 */
final class CpuHashing {
  private final TileKernel kernel;
  private final RowKernel rowKernel;
  private final LshDocument document;
  private final LshBuckets hash;
  private final int headDim;

  private CpuHashing(CpuKernels kernels, LshDocument document, LshBuckets hash, int headDim) {
    this.kernel = kernels.tiles();
    this.rowKernel = kernels.rows();
    this.document = document;
    this.hash = hash;
    this.headDim = headDim;
  }

  static LshSchedule schedule(
      CpuKernels kernels,
      LshDocument document,
      TileShape tiles,
      AttentionKernel.Rows query,
      AttentionKernel.Rows key,
      int heads,
      int headDim,
      Workers workers) {
    LshBuckets hash = document.hash();
    CpuHashing hashing = new CpuHashing(kernels, document, hash, headDim);
    return LshSchedule.of(
        document,
        hash,
        tiles,
        () -> hashing.buckets(query, heads, workers),
        () -> hashing.buckets(key, heads, workers));
  }

  private int[][] buckets(AttentionKernel.Rows rows, int heads, Workers workers) {
    int[][] hashed = new int[heads][];
    workers.forEach(heads, head -> hashed[head] = buckets(rows.from(head * headDim), head));
    return hashed;
  }

  private int[] buckets(AttentionKernel.Rows rows, int head) {
    int tokens = document.tokens();
    int group = kernel.group();
    HeadKeys rotations = rotations(head);
    Tile tile = new Tile(headDim, group, headDim, group, hash.width());
    int[] hashed = new int[Math.multiplyExact(document.lsh().rounds(), tokens)];
    for (int first = 0; first < tokens; first += group) {
      int last = Math.min(tokens, first + group);
      tile.size = last - first;
      tile.touched = rows.touchAll(first, last, headDim);
      for (int token = first; token < last; token++) {
        tile.rows[token - first] = rows.offset() + token * rows.stride();
      }
      kernel.packQueries(tile, 0, rows.values(), 1);
      kernel.scores(tile, 0, rotations, 0, hash.width());
      hash.assign(
          tile.scores, group, first, last, tokens, document.valid(), hashed, rowKernel::argmax);
    }
    return hashed;
  }

  private HeadKeys rotations(int head) {
    float[] columns = hash.rotations(head);
    int width = hash.width();
    float[] transposed = new float[columns.length];
    for (int d = 0; d < headDim; d++) {
      for (int rotation = 0; rotation < width; rotation++) {
        transposed[rotation * headDim + d] = columns[d * width + rotation];
      }
    }
    AttentionKernel.Rows rows = new AttentionKernel.Rows(transposed, 0, headDim);
    return HeadKeys.pack(
        kernel, rows, rows, headDim, KeyRanges.all(width), null, HeadKeys.Queries.NONE, null);
  }
}
