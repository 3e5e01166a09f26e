package io.longreach.kernels.cuda;

import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.BlockPlan;
import io.longreach.kernels.plan.GatherPlan;
import io.longreach.kernels.plan.Plan;
import java.util.Arrays;

/** Launches a schedule pass by pass; each pass merges into what the passes before it left. */
final class CudaAttention {
  /** Query ranks of one launch: enough for any GPU, and a bounded plan on the host. */
  private static final int QUERIES_PER_LAUNCH = 1 << 14;

  private static final int QUERIES_PER_BLOCK = 32;
  private static final int THREADS = 128;
  private static final int LARGEST_HEAD = 128;

  private final CudaDriver driver;
  private final Memory.Pool pool;

  CudaAttention(CudaDriver driver, Memory.Pool pool) {
    this.driver = driver;
    this.pool = pool;
  }

  void run(
      AttentionInput input,
      int firstRow,
      AttentionSchedule schedule,
      CudaMatrix context,
      float[] logSumExp) {
    int lastRow = firstRow + schedule.tokens();
    int width = input.heads() * input.headDim();
    requireView("query", input.query(), width, lastRow);
    requireView("key", input.key(), width, lastRow);
    requireView("value", input.value(), width, lastRow);
    requireView("context", new AttentionInput.View(context, 0), width, lastRow);
    if (input.headDim() > LARGEST_HEAD) {
      throw new IllegalArgumentException(
          "headDim must be at most 128 on this device, was "
              + input.headDim()
              + ": use the CPU for this model");
    }
    float[] empty = new float[Math.multiplyExact(schedule.tokens(), input.heads())];
    Arrays.fill(empty, Float.NEGATIVE_INFINITY);
    try (Memory sums = pool.of(empty)) {
      long first = (long) firstRow * context.columns();
      new Parameters()
          .pointer(context.memory(), first)
          .pointer(null)
          .number((long) schedule.tokens() * context.columns())
          .real(0)
          .launch(
              driver, "fillElements", blocks((long) schedule.tokens() * context.columns()), 1, 256);
      Call call = new Call(input, firstRow, context, sums);
      for (int head = 0; head < (schedule.sharedByHeads() ? 1 : input.heads()); head++) {
        int heads = schedule.sharedByHeads() ? input.heads() : 1;
        for (int pass = 0; pass < schedule.passes(head); pass++) {
          run(call, schedule, pass, head, heads);
        }
      }
      if (logSumExp != null) {
        sums.read(0, logSumExp);
      }
    }
  }

  private static int blocks(long elements) {
    return Math.toIntExact((elements + 255) / 256);
  }

  private void run(Call call, AttentionSchedule schedule, int pass, int head, int heads) {
    int step = Math.max(1, QUERIES_PER_LAUNCH / schedule.queryTile()) * schedule.queryTile();
    int queries = schedule.queries(head, pass);
    for (int first = 0; first < queries; first += step) {
      Plan plan = schedule.plan(head, pass, first, Math.min(queries, first + step));
      if (plan instanceof BlockPlan block) {
        launch(call, block, head, heads);
      } else {
        launch(call, (GatherPlan) plan, head, heads);
      }
    }
  }

  private void launch(Call call, BlockPlan plan, int head, int heads) {
    int tiles = plan.queryTiles();
    int entries = plan.lastEntry(tiles - 1);
    int[] offsets = new int[tiles + 1];
    int[] starts = new int[entries];
    int[] ends = new int[entries];
    int[] masks = new int[entries];
    for (int tile = 0; tile < tiles; tile++) {
      offsets[tile + 1] = plan.lastEntry(tile);
    }
    for (int entry = 0; entry < entries; entry++) {
      starts[entry] = plan.keyStart(entry);
      ends[entry] = plan.keyEnd(entry);
      masks[entry] = plan.maskIndex(entry);
    }
    int blocksPerTile = (plan.queryTile() + QUERIES_PER_BLOCK - 1) / QUERIES_PER_BLOCK;
    try (Memory queryOrder = order(plan.queryOrder());
        Memory keyOrder = order(plan.keyOrder());
        Memory tileOffsets = pool.of(offsets);
        Memory keyStarts = pool.of(starts);
        Memory keyEnds = pool.of(ends);
        Memory maskIndex = pool.of(masks);
        Memory maskBits = pool.of(plan.maskBits())) {
      Parameters parameters = call.tensors();
      parameters.pointer(queryOrder).pointer(keyOrder).pointer(tileOffsets).pointer(keyStarts);
      parameters.pointer(keyEnds).pointer(maskIndex).pointer(maskBits);
      call.shape(parameters, head)
          .numbers(plan.firstQuery(), plan.lastQuery(), plan.queryTile(), plan.keyTile())
          .numbers(plan.wordsPerKey(), blocksPerTile)
          .launch(driver, call.kernel(), tiles * blocksPerTile, heads, THREADS);
    }
  }

  private Memory order(int[] order) {
    return order == null ? null : pool.of(order);
  }

  private void launch(Call call, GatherPlan plan, int head, int heads) {
    int queries = plan.lastQuery() - plan.firstQuery();
    int[] ends = new int[queries + 1];
    for (int query = 0; query < queries; query++) {
      ends[query + 1] = plan.lastEntry(plan.firstQuery() + query);
    }
    try (Memory offsets = pool.of(ends);
        Memory keys = pool.of(plan.keys())) {
      Parameters parameters = call.tensors().pointer(offsets).pointer(keys);
      call.shape(parameters, head)
          .numbers(plan.firstQuery(), plan.lastQuery())
          .launch(driver, "attentionGather", queries, heads, THREADS);
    }
  }

  /** The tensors of one call, from the document's first row on. */
  private record Call(AttentionInput input, int firstRow, CudaMatrix context, Memory logSumExp) {

    /** The smallest kernel that the heads fit. */
    String kernel() {
      int dim = input.headDim();
      return "attention" + (dim <= 32 ? 32 : dim <= 64 ? 64 : LARGEST_HEAD);
    }

    Parameters tensors() {
      Parameters parameters = new Parameters();
      for (AttentionInput.View view :
          new AttentionInput.View[] {input.query(), input.key(), input.value()}) {
        CudaMatrix matrix = CudaMatrix.of(view.matrix());
        parameters.pointer(matrix.memory(), (long) firstRow * matrix.columns() + view.column());
      }
      return parameters
          .pointer(context.memory(), (long) firstRow * context.columns())
          .pointer(logSumExp);
    }

    Parameters shape(Parameters parameters, int firstHead) {
      return parameters
          .numbers(
              input.query().matrix().columns(),
              input.key().matrix().columns(),
              input.value().matrix().columns(),
              context.columns())
          .numbers(input.heads(), input.headDim(), firstHead)
          .real(input.softmaxScale());
    }
  }

  static void requireView(String name, AttentionInput.View view, int width, int lastRow) {
    CudaMatrix matrix = CudaMatrix.of(view.matrix());
    if (view.column() < 0 || view.column() + width > matrix.columns() || lastRow > matrix.rows()) {
      throw new IllegalArgumentException(
          String.format(
              "%s needs %d rows and columns %d to %d, its matrix is %d x %d",
              name,
              lastRow,
              view.column(),
              view.column() + width,
              matrix.rows(),
              matrix.columns()));
    }
  }
}
