package io.longreach.kernels.cuda;

import io.longreach.kernels.device.AttentionInput;

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
  static final int THREADS = 128;
  private static final int FLOAT_TILE = 32;
  private static final int KEY_TILE = 64;

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

  /** Queries that a block takes of tiles of some size. */
  static int blockQueries(boolean tensorCores, int queryTile) {
    return tensorCores ? (queryTile > 64 ? 128 : 64) : FLOAT_TILE;
  }

  /** The same call with its results elsewhere. */
  AttentionCall into(CudaMatrix context, Memory logSumExp) {
    return new AttentionCall(driver, pool, input, operands, context, 0, logSumExp);
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
    boolean hopper = driver.hasWarpgroups();
    String kernel = (hopper ? "attentionHopper" : "attentionTensor") + dim + "x" + blockQueries;
    int threads = hopper ? 2 * blockQueries : THREADS;
    parameters.launch(driver, kernel, blocks, heads, threads, sharedBytes);
  }

  /**
   * The parameters up to the strides of the orders; any pointer may be null.
   *
   * @param tables in the order of {@code AttentionParameters}: query order, key order, tiles,
   *     entries, mask bits, valid rows
   */
  Parameters parameters(AttentionLaunch.Heads heads, Memory... tables) {
    Parameters parameters =
        new Parameters()
            .values(operands.query().matrix(), operands.query().firstElement())
            .values(operands.key().matrix(), operands.key().firstElement())
            .values(operands.value().matrix(), operands.value().firstElement())
            .values(context, (long) firstRow * context.columns())
            .pointer(logSumExp);
    for (Memory table : tables) {
      parameters.pointer(table);
    }
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
