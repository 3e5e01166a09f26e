package io.longreach.kernels.cuda;

import io.longreach.kernels.cuda.AttentionCall.Heads;
import io.longreach.kernels.cuda.AttentionCall.Rule;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.plan.LshBuckets;
import io.longreach.kernels.plan.LshChunks;
import io.longreach.kernels.plan.LshDocument;
import java.util.Arrays;
import java.util.BitSet;

/**
 * LSH attention without a trip to the host: hashes, sorts, attends round by round. Which ranks a
 * chunk sees follows from its number alone; who may see whom of them, from their tokens.
 */
final class CudaLsh {
  private static final int THREADS = 128;

  private final CudaDriver driver;
  private final Memory.Pool pool;
  private final CudaAttention attention;
  private final LshSort sort;

  CudaLsh(CudaDriver driver, Memory.Pool pool, CudaAttention attention) {
    this.driver = driver;
    this.pool = pool;
    this.attention = attention;
    this.sort = new LshSort(driver, pool);
  }

  /** Normalised queries. */
  void keys(Lsh.Variant variant, CudaMatrix queries, int headDim, CudaMatrix keys) {
    int heads = queries.columns() / headDim;
    new Parameters()
        .values(queries, 0)
        .values(keys, 0)
        .numbers(queries.rows(), heads, headDim, variant == Lsh.Variant.REFORMER ? 1 : 0)
        .launch(driver, "lshKeys", CudaRows.blocks(queries.rows(), THREADS / 32), heads, THREADS);
  }

  void run(AttentionInput input, int firstRow, LshDocument document, CudaMatrix context) {
    int lastRow = firstRow + document.tokens();
    CudaAttention.requireRows(input, context, lastRow);
    LshBuckets hash = document.hash();
    boolean shared = document.lsh().hashed() == Lsh.Hashed.SHARED;
    try (Memory valid = valid(document.valid(), document.tokens());
        Memory queries = order(input.query(), input, firstRow, document, hash, valid);
        Memory keys = shared ? null : order(input.key(), input, firstRow, document, hash, valid)) {
      CudaAttention.Range range = new CudaAttention.Range(firstRow, lastRow, true);
      attention.run(
          input,
          range,
          context,
          null,
          (call, first) -> {
            Orders orders = new Orders(queries, shared ? queries : keys, valid);
            rounds(call, document, orders);
            if (shared) {
              lonely(call, firstRow, valid, document.tokens());
            }
          });
    }
  }

  private record Orders(Memory queries, Memory keys, Memory valid) {}

  private Memory valid(BitSet valid, int tokens) {
    if (valid == null) {
      return null;
    }
    int[] marks = new int[tokens];
    valid.stream().forEach(token -> marks[token] = 1);
    return pool.of(marks);
  }

  private Memory order(
      View view,
      AttentionInput input,
      int firstRow,
      LshDocument document,
      LshBuckets hash,
      Memory valid) {
    try (Memory buckets = sort.buckets(view, input, firstRow, document, hash, valid)) {
      int rows = input.heads() * document.lsh().rounds();
      return sort.order(buckets, rows, document.tokens(), hash.count());
    }
  }

  private void rounds(AttentionCall call, LshDocument document, Orders orders) {
    Lsh lsh = document.lsh();
    int tokens = document.tokens();
    int heads = call.input().heads();
    LshChunks chunks =
        new LshChunks(
            lsh.rounds(), tokens, lsh.chunkTokens(), lsh.chunksBefore(), lsh.chunksAfter());
    int stride = Math.multiplyExact(lsh.rounds(), tokens);
    for (int round = 0; round < lsh.rounds(); round++) {
      int blockQueries = call.blockQueries(1);
      TileTable table = new TileTable(blockQueries, false);
      for (int chunk = 0; chunk < chunks.perRound(); chunk++) {
        add(table, chunks, lsh, round * chunks.perRound() + chunk);
      }
      try (TileTable.Uploaded uploaded = table.upload(pool)) {
        Parameters parameters =
            call.tensors()
                .pointer(orders.queries())
                .pointer(orders.keys())
                .pointer(uploaded.tiles())
                .pointer(uploaded.entries())
                .pointer(null)
                .pointer(orders.valid());
        call.shape(parameters, new Heads(0, heads, round > 0))
            .numbers(stride, stride, 0, rule(lsh), round > 0 ? 1 : 0);
        call.launchTiles(parameters, table.blocks(), blockQueries, heads);
      }
    }
  }

  private static int rule(Lsh lsh) {
    int causal = lsh.direction() == Direction.CAUSAL ? Rule.bits(Rule.NOT_LATER) : 0;
    return lsh.hashed() == Lsh.Hashed.SHARED ? causal | Rule.bits(Rule.NOT_SELF) : causal;
  }

  /** The tiles of a chunk, with the chunks that it sees in runs as long as they come. */
  private static void add(TileTable table, LshChunks chunks, Lsh lsh, int chunk) {
    int seen = lsh.chunksBefore() + lsh.chunksAfter() + 1;
    int[] runs = new int[2 * seen];
    int count = 0;
    for (int step = -lsh.chunksBefore(); step <= lsh.chunksAfter(); step++) {
      int first = chunks.start(chunk + step);
      if (count == 0 || runs[count - 1] != first) {
        runs[count++] = first;
        runs[count++] = first;
      }
      runs[count - 1] = first + chunks.size(chunk + step);
    }
    int first = chunks.start(chunk);
    table.addByRule(first, first + chunks.size(chunk), Arrays.copyOf(runs, count));
  }

  /** Tokens that no round let see another key see their own. */
  private void lonely(AttentionCall call, int firstRow, Memory valid, int tokens) {
    AttentionInput input = call.input();
    CudaMatrix value = CudaMatrix.of(input.value().matrix());
    CudaMatrix context = call.context();
    new Parameters()
        .values(value, (long) firstRow * value.columns() + input.value().column())
        .values(context, (long) call.firstRow() * context.columns())
        .pointer(call.logSumExp())
        .pointer(valid)
        .numbers(value.columns(), context.columns(), input.heads(), input.headDim())
        .launch(driver, "lshLonely", tokens, input.heads(), THREADS);
  }
}
