package io.longreach.kernels.cuda;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.plan.LshBuckets;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshRotations;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

/** Hashes rows to buckets, as a product of matrices, and sorts tokens by them, stably. */
final class LshSort {
  private static final int TILE = 64;
  private static final int THREADS = 256;

  /** Places of one block of the sort, and values of a digit. */
  private static final int DIGITS = 256;

  private static final int DIGIT_BITS = 8;

  private final CudaDriver driver;
  private final Memory.Pool pool;

  /** Copied to the device once, as long as somebody uses them. */
  private final Map<LshRotations, Memory> rotations =
      Collections.synchronizedMap(new WeakHashMap<>());

  LshSort(CudaDriver driver, Memory.Pool pool) {
    this.driver = driver;
    this.pool = pool;
  }

  /**
   * Buckets {@code [heads, rounds, tokens]}.
   *
   * @param valid {@code [tokens]}, null for all
   */
  Memory buckets(
      View view,
      AttentionInput input,
      int firstRow,
      LshDocument document,
      LshBuckets hash,
      Memory valid) {
    CudaMatrix rows = CudaMatrix.of(view.matrix());
    LshRotations drawn = document.rotations();
    int tokens = document.tokens();
    int sorted = Math.multiplyExact(input.heads(), drawn.rounds());
    Memory values = rotations.computeIfAbsent(drawn, rotation -> pool.of(rotation.values()));
    int dim = input.headDim() <= 64 ? 64 : CudaAttention.LARGEST_HEAD;
    int sharedBytes = TILE * (2 * (dim + 1) + TILE + 1) * Float.BYTES;
    Memory buckets = pool.zeros((long) sorted * tokens * Integer.BYTES);
    try (Memory factors = pool.of(hash.factors())) {
      new Parameters()
          .values(rows, (long) firstRow * rows.columns() + view.column())
          .pointer(values)
          .pointer(valid)
          .pointer(factors)
          .pointer(buckets)
          .numbers(rows.columns(), tokens, input.headDim(), drawn.rounds(), drawn.columns())
          .numbers(drawn.heads(), hash.factors().length, hash.maskedBucket())
          .launch(
              driver, "lshHash" + dim, CudaRows.blocks(tokens, TILE), sorted, THREADS, sharedBytes);
    }
    return buckets;
  }

  /**
   * Tokens of each row sorted by (bucket, position), {@code [rows, tokens]}.
   *
   * @param buckets {@code [rows, tokens]}, all below {@code count}
   */
  Memory order(Memory buckets, int rows, int tokens, int count) {
    long bytes = (long) rows * tokens * Integer.BYTES;
    int chunks = CudaRows.blocks(tokens, DIGITS);
    Memory order = null;
    Memory keys = null;
    try (Memory counts = pool.zeros((long) rows * DIGITS * chunks * Integer.BYTES)) {
      for (int shift = 0; shift == 0 || count - 1 >> shift > 0; shift += DIGIT_BITS) {
        Memory sortedKeys = pool.zeros(bytes);
        Memory sorted = pool.zeros(bytes);
        Memory from = keys == null ? buckets : keys;
        for (String kernel : new String[] {"lshCount", "lshPlaces", "lshScatter"}) {
          boolean byRow = kernel.equals("lshPlaces");
          new Parameters()
              .pointer(from)
              .pointer(order)
              .pointer(sortedKeys)
              .pointer(sorted)
              .pointer(counts)
              .numbers(tokens, chunks, shift)
              .launch(driver, kernel, byRow ? rows : chunks, byRow ? 1 : rows, DIGITS);
        }
        close(keys, order);
        keys = sortedKeys;
        order = sorted;
      }
    }
    close(keys);
    return order;
  }

  private static void close(Memory... memories) {
    for (Memory memory : memories) {
      if (memory != null) {
        memory.close();
      }
    }
  }
}
