package io.longreach.kernels.cuda;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.plan.BlockPlan;
import io.longreach.kernels.plan.GatherPlan;
import java.util.List;

/**
 * The tensors of one call, from the first row of the batch on.
 *
 * @param firstRow of the batch in context
 * @param logSumExp {@code [rows, heads]} from the first row on, null if nobody needs it
 */
record AttentionCall(
    CudaDriver driver,
    Memory.Pool pool,
    AttentionInput input,
    AttentionOperands operands,
    CudaMatrix context,
    int firstRow,
    Memory logSumExp) {
  private static final int THREADS = 128;
  private static final int FLOAT_TILE = 32;
  private static final int KEY_TILE = 64;
  private static final int QUERIES_OF_A_GATHER = THREADS / 32;

  /** A plan, and where its document begins. */
  record Placed<P>(P plan, int firstRow) {}

  /** Rules by which {@code attention.cuh} decides where there are no mask bits. */
  enum Rule {
    NOT_SELF,
    NOT_LATER;

    static int bits(Rule... rules) {
      int bits = 0;
      for (Rule rule : rules) {
        bits |= 1 << rule.ordinal();
      }
      return bits;
    }
  }

  /** Which heads a launch computes, and whether it merges into what is there. */
  record Heads(int first, int count, boolean merge) {}

  /** Queries that a block takes of tiles of some size. */
  int blockQueries(int queryTile) {
    return operands.tensorCores() ? (queryTile > 64 ? 128 : 64) : FLOAT_TILE;
  }

  void launchBlocks(List<Placed<BlockPlan>> plans, Heads heads) {
    int largest = 1;
    boolean ordered = false;
    for (Placed<BlockPlan> placed : plans) {
      largest = Math.max(largest, placed.plan().queryTile());
      ordered |= TileTable.isOrdered(placed.plan());
    }
    int blockQueries = blockQueries(largest);
    TileTable table = new TileTable(blockQueries, ordered);
    plans.forEach(placed -> table.add(placed.plan(), placed.firstRow()));
    try (TileTable.Uploaded uploaded = table.upload(pool)) {
      Parameters parameters =
          tensors()
              .pointer(uploaded.queryOrder())
              .pointer(uploaded.keyOrder())
              .pointer(uploaded.tiles())
              .pointer(uploaded.entries())
              .pointer(uploaded.maskBits())
              .pointer(null);
      shape(parameters, heads).numbers(0, 0, 0, 0, heads.merge() ? 1 : 0);
      launchTiles(parameters, table.blocks(), blockQueries, heads.count());
    }
  }

  /** Launches the kernel of the tiles' size. */
  void launchTiles(Parameters parameters, int blocks, int blockQueries, int heads) {
    int headDim = input.headDim();
    int dim = headDim <= 32 ? 32 : headDim <= 64 ? 64 : CudaAttention.LARGEST_HEAD;
    if (!operands.tensorCores()) {
      parameters.launch(driver, "attention" + dim, blocks, heads, THREADS);
      return;
    }
    int words = blockQueries / 32;
    int stage = KEY_TILE * (2 * dim * 2 + (words + 1) * Integer.BYTES);
    int sharedBytes = blockQueries * dim * 2 + 2 * stage;
    String kernel = "attentionTensor" + dim + "x" + blockQueries;
    parameters.launch(driver, kernel, blocks, heads, THREADS, sharedBytes);
  }

  void launchGathers(List<Placed<GatherPlan>> plans, Heads heads) {
    IntArray queries = new IntArray();
    IntArray keys = new IntArray();
    queries.add(0, 0);
    for (Placed<GatherPlan> placed : plans) {
      GatherPlan plan = placed.plan();
      int base = keys.size();
      for (int query = plan.firstQuery(); query < plan.lastQuery(); query++) {
        queries.add(placed.firstRow() + query, base + plan.lastEntry(query));
      }
      for (int key : plan.keys()) {
        keys.add(placed.firstRow() + key);
      }
    }
    int count = queries.size() / 2 - 1;
    try (Memory tiles = pool.of(queries.toArray());
        Memory entries = pool.of(keys.toArray())) {
      Parameters parameters = tensors().pointer(null).pointer(null).pointer(tiles).pointer(entries);
      parameters.pointer(null).pointer(null);
      shape(parameters, heads)
          .numbers(0, 0, count, 0, heads.merge() ? 1 : 0)
          .launch(
              driver,
              "attentionGather",
              CudaRows.blocks(count, QUERIES_OF_A_GATHER),
              heads.count(),
              THREADS);
    }
  }

  /** The parameters up to the orders. */
  Parameters tensors() {
    return new Parameters()
        .values(operands.query().matrix(), operands.query().firstElement())
        .values(operands.key().matrix(), operands.key().firstElement())
        .values(operands.value().matrix(), operands.value().firstElement())
        .values(context, (long) firstRow * context.columns())
        .pointer(logSumExp);
  }

  /** The parameters behind the pointers, up to the strides of the orders. */
  Parameters shape(Parameters parameters, Heads heads) {
    return parameters
        .numbers(
            operands.query().matrix().columns(),
            operands.key().matrix().columns(),
            operands.value().matrix().columns(),
            context.columns())
        .numbers(input.heads(), input.headDim(), heads.first())
        .real(input.softmaxScale());
  }
}
