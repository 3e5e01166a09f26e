package io.longreach.kernels.cuda;

import io.longreach.kernels.cuda.AttentionCall.Rule;
import io.longreach.kernels.cuda.AttentionLaunch.Heads;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device.Placed;
import io.longreach.kernels.device.Device.PlacedLsh;
import io.longreach.kernels.device.Device.PlacedRows;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.plan.LshChunks;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshSchedule;
import io.longreach.kernels.plan.TileShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * LSH attention without a trip to the host: hashes, sorts, attends round by round, all documents of
 * a batch in each launch. Which ranks a chunk sees follows from its number alone; who may see whom
 * of them, from their rows.
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

  /**
   * @param tiles for documents that are seen whole
   */
  void run(AttentionInput input, List<PlacedLsh> documents, TileShape tiles, CudaMatrix context) {
    List<Placed> whole = new ArrayList<>();
    Map<Lsh, List<PlacedLsh>> hashed = new LinkedHashMap<>();
    for (PlacedLsh placed : documents) {
      LshDocument document = placed.document();
      if (document.isWhole()) {
        LshSchedule schedule = LshSchedule.of(document, null, tiles, null, null);
        whole.add(new Placed(placed.firstRow(), schedule));
      } else {
        hashed.computeIfAbsent(document.lsh(), lsh -> new ArrayList<>()).add(placed);
      }
    }
    attention.run(input, whole, context, null);
    hashed.forEach((lsh, alike) -> run(input, lsh, alike, context));
  }

  /** Documents of one pattern, none of them whole. */
  private void run(AttentionInput input, Lsh lsh, List<PlacedLsh> documents, CudaMatrix context) {
    RowRange range =
        RowRange.of(
            documents.stream()
                .map(placed -> new PlacedRows(placed.firstRow(), placed.document().tokens()))
                .toList());
    CudaAttention.requireRows(input, context, range.lastRow());
    int firstRow = range.firstRow();
    boolean shared = lsh.hashed() == Lsh.Hashed.SHARED;
    try (LshTable table = sort.table(documents, firstRow);
        Memory queries = sort.order(input.query(), input, firstRow, lsh.rounds(), table);
        Memory keys =
            shared ? null : sort.order(input.key(), input, firstRow, lsh.rounds(), table)) {
      Sorted sorted = new Sorted(documents, queries, shared ? queries : keys, table);
      attention.run(
          input,
          range,
          true,
          context,
          null,
          call -> {
            rounds(call, lsh, sorted);
            if (shared) {
              lonely(call, range, table.valid());
            }
          });
    }
  }

  private record Sorted(List<PlacedLsh> documents, Memory queries, Memory keys, LshTable table) {}

  private void rounds(AttentionCall call, Lsh lsh, Sorted sorted) {
    int tokens = sorted.table().tokens();
    int heads = call.input().heads();
    int stride = Math.multiplyExact(lsh.rounds(), tokens);
    for (int round = 0; round < lsh.rounds(); round++) {
      int blockQueries = AttentionCall.blockQueries(call.operands().tensorCores(), 1);
      TileTable tiles = new TileTable(blockQueries, false, false);
      int firstToken = 0;
      for (PlacedLsh placed : sorted.documents()) {
        RoundRanks ranks = new RoundRanks(lsh, placed.document().tokens(), tokens, firstToken);
        ranks.add(round, tiles);
        firstToken += placed.document().tokens();
      }
      try (TileTable.Uploaded uploaded = tiles.upload(pool)) {
        Parameters parameters =
            call.parameters(
                    new Heads(0, heads, round > 0),
                    sorted.queries(),
                    sorted.keys(),
                    uploaded.tiles(),
                    uploaded.entries(),
                    null,
                    sorted.table().valid())
                .numbers(stride, stride, 0, rule(lsh), round > 0 ? 1 : 0, 0);
        call.launchTiles(parameters, tiles.blocks(), blockQueries, heads);
      }
    }
  }

  /**
   * Where the chunks of a document lie in {@code [rounds, tokens of all]}.
   *
   * @param allTokens of all documents
   * @param firstToken among them
   */
  private record RoundRanks(Lsh lsh, int tokens, int allTokens, int firstToken) {

    /** The tiles of a round, with the chunks that each sees in runs as long as they come. */
    void add(int round, TileTable table) {
      LshChunks chunks =
          new LshChunks(
              lsh.rounds(), tokens, lsh.chunkTokens(), lsh.chunksBefore(), lsh.chunksAfter());
      for (int i = 0; i < chunks.perRound(); i++) {
        int chunk = round * chunks.perRound() + i;
        int first = rank(chunks.start(chunk));
        table.addByRule(first, first + chunks.size(chunk), runs(chunks, chunk));
      }
    }

    private int[] runs(LshChunks chunks, int chunk) {
      int[] runs = new int[2 * (lsh.chunksBefore() + lsh.chunksAfter() + 1)];
      int count = 0;
      for (int step = -lsh.chunksBefore(); step <= lsh.chunksAfter(); step++) {
        int own = chunks.start(chunk + step);
        int first = rank(own);
        // Not across rounds, which follow each other only if the document is alone.
        if (count == 0 || runs[count - 1] != first || own % tokens == 0) {
          runs[count++] = first;
          runs[count++] = first;
        }
        runs[count - 1] = first + chunks.size(chunk + step);
      }
      return Arrays.copyOf(runs, count);
    }

    /** Of a rank among those of the document alone. */
    private int rank(int own) {
      return own / tokens * allTokens + firstToken + own % tokens;
    }
  }

  private static int rule(Lsh lsh) {
    int causal = lsh.direction() == Direction.CAUSAL ? Rule.bits(Rule.NOT_LATER) : 0;
    return lsh.hashed() == Lsh.Hashed.SHARED ? causal | Rule.bits(Rule.NOT_SELF) : causal;
  }

  /** Tokens that no round let see another key see their own. */
  private void lonely(AttentionCall call, RowRange range, Memory valid) {
    AttentionInput input = call.input();
    CudaMatrix value = CudaMatrix.of(input.value().matrix());
    CudaMatrix context = call.context();
    new Parameters()
        .values(value, (long) range.firstRow() * value.columns() + input.value().column())
        .values(context, (long) call.firstRow() * context.columns())
        .pointer(call.logSumExp())
        .pointer(valid)
        .numbers(value.columns(), context.columns(), input.heads(), input.headDim())
        .launch(driver, "lshLonely", range.count(), input.heads(), THREADS);
  }
}
