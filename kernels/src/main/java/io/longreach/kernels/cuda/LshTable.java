package io.longreach.kernels.cuda;

import io.longreach.kernels.device.Device.PlacedLsh;
import io.longreach.kernels.plan.LshBuckets;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshRotations;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The documents of one LSH launch on the device, as {@code lsh.cu} has them.
 *
 * @param tokens of all documents
 * @param buckets more than any row falls into
 * @param valid of each row of the batch, null for all
 * @param hashed what the blocks of the hashing work on, {@code tiles} of them
 * @param sorted what those of the sort work on, {@code chunks} of them
 */
record LshTable(
    int documents,
    int tokens,
    int buckets,
    int tiles,
    int chunks,
    Memory rotations,
    Memory valid,
    Memory factors,
    Memory table,
    Memory hashed,
    Memory sorted)
    implements AutoCloseable {
  /** Tokens that a block hashes. */
  static final int TILE = 64;

  /**
   * @param documents that are not whole, of one pattern
   * @param firstRow of the batch
   * @param uploaded rotations on the device
   */
  static LshTable of(
      List<PlacedLsh> documents,
      int firstRow,
      Memory.Pool pool,
      Function<LshRotations, Memory> uploaded) {
    IntArray table = new IntArray();
    IntArray hashed = new IntArray();
    IntArray sorted = new IntArray();
    Factors factors = new Factors();
    long[] rotations = new long[documents.size()];
    int tokens = 0;
    int buckets = 0;
    for (int d = 0; d < rotations.length; d++) {
      LshDocument document = documents.get(d).document();
      LshBuckets hash = document.hash();
      LshRotations drawn = document.rotations();
      rotations[d] = uploaded.apply(drawn).address();
      table.add(documents.get(d).firstRow() - firstRow, tokens, document.tokens());
      table.add(drawn.heads(), drawn.columns());
      table.add(factors.place(hash), hash.factors().length, hash.maskedBucket());
      table.add(sorted.size() / 2, CudaRows.blocks(document.tokens(), LshSort.DIGITS));
      addParts(hashed, d, document.tokens(), TILE);
      addParts(sorted, d, document.tokens(), LshSort.DIGITS);
      tokens = Math.addExact(tokens, document.tokens());
      buckets = Math.max(buckets, hash.count());
    }
    int[] valid = valid(documents, firstRow);
    return new LshTable(
        rotations.length,
        tokens,
        buckets,
        hashed.size() / 2,
        sorted.size() / 2,
        pool.of(rotations),
        valid == null ? null : pool.of(valid),
        pool.of(factors.all.toArray()),
        pool.of(table.toArray()),
        pool.of(hashed.toArray()),
        pool.of(sorted.toArray()));
  }

  private static void addParts(IntArray to, int document, int tokens, int perPart) {
    for (int first = 0; first < tokens; first += perPart) {
      to.add(document, first);
    }
  }

  /** Equal factors stand once. */
  private static final class Factors {
    private final IntArray all = new IntArray();
    private final Map<List<Integer>, Integer> places = new HashMap<>();

    int place(LshBuckets hash) {
      List<Integer> key = Arrays.stream(hash.factors()).boxed().toList();
      return places.computeIfAbsent(
          key,
          ignored -> {
            int first = all.size();
            all.add(hash.factors());
            return first;
          });
    }
  }

  /** Rows of other documents count as valid: nobody asks. */
  private static int[] valid(List<PlacedLsh> documents, int firstRow) {
    if (documents.stream().allMatch(placed -> placed.document().valid() == null)) {
      return null;
    }
    int lastRow =
        documents.stream()
            .mapToInt(placed -> placed.firstRow() + placed.document().tokens())
            .max()
            .orElse(firstRow);
    int[] marks = new int[lastRow - firstRow];
    Arrays.fill(marks, 1);
    for (PlacedLsh placed : documents) {
      LshDocument document = placed.document();
      for (int token = 0; document.valid() != null && token < document.tokens(); token++) {
        marks[placed.firstRow() - firstRow + token] = document.valid().get(token) ? 1 : 0;
      }
    }
    return marks;
  }

  @Override
  public void close() {
    for (Memory memory : new Memory[] {rotations, valid, factors, table, hashed, sorted}) {
      if (memory != null) {
        memory.close();
      }
    }
  }
}
