package io.longreach.kernels.cuda;

import io.longreach.kernels.cuda.CudaMatrix.Element;

/**
 * A launch of attention whose tables are on the device; layers that attend alike start it again.
 */
interface AttentionLaunch extends AutoCloseable {

  /** Starts it on the tensors of a call. */
  void start(AttentionCall call);

  /** Of its tables. */
  long bytes();

  @Override
  void close();

  /** Which heads a launch computes, and whether it merges into what is there. */
  record Heads(int first, int count, boolean merge) {}

  /**
   * Tiles of queries.
   *
   * @param blocks for each head
   * @param blockQueries queries of a block
   */
  record Tiles(TileTable.Uploaded tables, int blocks, int blockQueries, Heads heads)
      implements AttentionLaunch {
    @Override
    public void start(AttentionCall call) {
      start(call, false);
    }

    private void start(AttentionCall call, boolean byRank) {
      Parameters parameters =
          call.parameters(
                  heads,
                  tables.queryOrder(),
                  tables.keyOrder(),
                  tables.tiles(),
                  tables.entries(),
                  tables.maskBits(),
                  null)
              .numbers(0, 0, 0, 0, heads.merge() ? 1 : 0, byRank ? 1 : 0);
      call.launchTiles(parameters, blocks, blockQueries, heads.count());
    }

    @Override
    public long bytes() {
      return tables.bytes();
    }

    @Override
    public void close() {
      tables.close();
    }
  }

  /**
   * Few queries of many keys: the keys in parts, so that they keep a GPU busy, and then the
   * contexts of all parts as one (Flash-Decoding, Dao et al. 2023).
   *
   * @param parts tiles of all parts
   * @param ranks of all parts' queries
   * @param queries what {@link TileTable#addParts} says of each query
   */
  record Parts(Tiles parts, int ranks, Memory queries, int count, Heads heads)
      implements AttentionLaunch {
    @Override
    public void start(AttentionCall call) {
      int allHeads = call.input().heads();
      int width = allHeads * call.input().headDim();
      try (Memory contexts = call.pool().scratch((long) ranks * width * Float.BYTES);
          Memory sums = call.pool().scratch((long) ranks * allHeads * Float.BYTES)) {
        CudaMatrix partial = new CudaMatrix(contexts, ranks, width, Element.FLOAT32);
        parts.start(call.into(partial, sums), true);
        CudaMatrix context = call.context();
        new Parameters()
            .values(context, (long) call.firstRow() * context.columns())
            .pointer(call.logSumExp())
            .pointer(contexts)
            .pointer(sums)
            .pointer(queries)
            .numbers(context.columns(), allHeads, call.input().headDim(), heads.first())
            .numbers(heads.merge() ? 1 : 0)
            .launch(call.driver(), "attentionJoin", count, heads.count(), AttentionCall.THREADS);
      }
    }

    @Override
    public long bytes() {
      return parts.bytes();
    }

    @Override
    public void close() {
      parts.close();
      queries.close();
    }
  }

  /**
   * Single queries of scattered keys.
   *
   * @param queries rows and ends of their keys
   */
  record Gather(Memory queries, Memory keys, int count, long bytes, Heads heads)
      implements AttentionLaunch {
    private static final int QUERIES_OF_A_BLOCK = AttentionCall.THREADS / 32;

    @Override
    public void start(AttentionCall call) {
      call.parameters(heads, null, null, queries, keys, null, null)
          .numbers(0, 0, count, 0, heads.merge() ? 1 : 0, 0)
          .launch(
              call.driver(),
              "attentionGather",
              CudaRows.blocks(count, QUERIES_OF_A_BLOCK),
              heads.count(),
              AttentionCall.THREADS);
    }

    @Override
    public void close() {
      queries.close();
      keys.close();
    }
  }
}
