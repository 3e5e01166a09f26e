package io.longreach.kernels.cpu;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.plan.LshBuckets;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshSchedule;
import io.longreach.kernels.plan.TileShape;

/** Hashes heads for LSH attention with the linear layers' kernel, a block of tokens at a time. */
final class CpuHashing {
  private static final int BLOCK_TOKENS = 64;

  private final LinearKernel kernel;
  private final RowKernel rowKernel;
  private final LshDocument document;
  private final LshBuckets hash;
  private final int headDim;

  private CpuHashing(CpuKernels kernels, LshDocument document, LshBuckets hash, int headDim) {
    this.kernel = kernels.linear();
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
    CpuLinear rotations = kernel.packTransposed(hash.rotations(head), headDim, hash.width());
    int[] hashed = new int[Math.multiplyExact(document.lsh().rounds(), tokens)];
    float[] block = new float[BLOCK_TOKENS * headDim];
    float[] rotated = new float[BLOCK_TOKENS * hash.width()];
    float[] columns = new float[rotated.length];
    for (int first = 0; first < tokens; first += BLOCK_TOKENS) {
      int last = Math.min(tokens, first + BLOCK_TOKENS);
      for (int token = first; token < last; token++) {
        int from = rows.offset() + token * rows.stride();
        System.arraycopy(rows.values(), from, block, (token - first) * headDim, headDim);
      }
      kernel.run(rotations, Activation.NONE, block, rotated, 0, last - first);
      transpose(rotated, last - first, hash.width(), columns);
      hash.assign(
          columns, BLOCK_TOKENS, first, last, tokens, document.valid(), hashed, rowKernel::argmax);
    }
    return hashed;
  }

  /** Tokens side by side, for vectors of them. */
  private static void transpose(float[] rotated, int tokens, int width, float[] columns) {
    for (int token = 0; token < tokens; token++) {
      for (int column = 0; column < width; column++) {
        columns[column * BLOCK_TOKENS + token] = rotated[token * width + column];
      }
    }
  }
}
