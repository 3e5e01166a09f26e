package io.longreach.kernels.cuda;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device.PlacedLsh;
import io.longreach.kernels.plan.LshRotations;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;

/** Hashes rows to buckets, as a product of matrices, and sorts tokens by them, stably. */
final class LshSort {
  private static final int THREADS = 256;

  /** Values of a digit, and places that a block of the sort takes. */
  static final int DIGITS = 256;

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

  /** The documents of a batch on the device; rows are counted from {@code firstRow} on. */
  LshTable table(List<PlacedLsh> documents, int firstRow) {
    return LshTable.of(documents, firstRow, pool, this::rotations);
  }

  private Memory rotations(LshRotations drawn) {
    return rotations.computeIfAbsent(drawn, rotation -> pool.of(rotation.values()));
  }

  /**
   * Rows of the tokens, sorted by (bucket, position) within each document, {@code [heads, rounds,
   * tokens of all]}.
   *
   * @param firstRow of the batch
   */
  Memory order(View view, AttentionInput input, int firstRow, int rounds, LshTable table) {
    int sorted = Math.multiplyExact(input.heads(), rounds);
    long bytes = (long) sorted * table.tokens() * Integer.BYTES;
    Memory keys = pool.zeros(bytes);
    Memory order = null;
    hash(view, input, firstRow, rounds, table, keys);
    try (Memory counts = pool.zeros((long) sorted * DIGITS * table.chunks() * Integer.BYTES)) {
      for (int shift = 0; shift == 0 || table.buckets() - 1 >> shift > 0; shift += DIGIT_BITS) {
        Memory sortedKeys = pool.zeros(bytes);
        Memory sortedOrder = pool.zeros(bytes);
        for (String kernel : new String[] {"lshCount", "lshPlaces", "lshScatter"}) {
          int blocks = kernel.equals("lshPlaces") ? table.documents() : table.chunks();
          new Parameters()
              .pointer(keys)
              .pointer(order)
              .pointer(sortedKeys)
              .pointer(sortedOrder)
              .pointer(counts)
              .pointer(table.table())
              .pointer(table.sorted())
              .numbers(table.tokens(), table.chunks(), shift)
              .launch(driver, kernel, blocks, sorted, DIGITS);
        }
        close(keys, order);
        keys = sortedKeys;
        order = sortedOrder;
      }
    }
    close(keys);
    return order;
  }

  /** Buckets {@code [heads, rounds, tokens of all]}. */
  private void hash(
      View view, AttentionInput input, int firstRow, int rounds, LshTable table, Memory buckets) {
    CudaMatrix rows = CudaMatrix.of(view.matrix());
    int dim = input.headDim() <= 64 ? 64 : CudaAttention.LARGEST_HEAD;
    int sharedBytes = LshTable.TILE * (2 * (dim + 1) + LshTable.TILE + 1) * Float.BYTES;
    new Parameters()
        .values(rows, (long) firstRow * rows.columns() + view.column())
        .pointer(table.rotations())
        .pointer(table.valid())
        .pointer(table.factors())
        .pointer(table.table())
        .pointer(table.hashed())
        .pointer(buckets)
        .numbers(rows.columns(), input.headDim(), rounds, table.tokens())
        .launch(
            driver, "lshHash" + dim, table.tiles(), input.heads() * rounds, THREADS, sharedBytes);
  }

  private static void close(Memory... memories) {
    for (Memory memory : memories) {
      if (memory != null) {
        memory.close();
      }
    }
  }
}
