package io.longreach.kernels.cuda;

import io.longreach.kernels.cuda.AttentionCall.Heads;
import io.longreach.kernels.cuda.CudaMatrix.Element;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Device.Placed;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.BlockPlan;
import io.longreach.kernels.plan.GatherPlan;
import io.longreach.kernels.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Launches schedules pass by pass, all documents of a batch at once; each pass merges into what the
 * passes before it left.
 */
final class CudaAttention {
  static final int LARGEST_HEAD = 128;

  /** Query ranks of one launch: enough for any GPU, and bounded plans on the host. */
  private static final int QUERIES_PER_LAUNCH = 1 << 14;

  private final CudaDriver driver;
  private final Memory.Pool pool;
  private final CudaRows rows;
  private final boolean tensorCores;

  CudaAttention(CudaDriver driver, Memory.Pool pool, CudaRows rows, boolean tensorCores) {
    this.driver = driver;
    this.pool = pool;
    this.rows = rows;
    this.tensorCores = tensorCores;
  }

  /**
   * @param logSumExp of the only document, or null
   */
  void run(AttentionInput input, List<Placed> documents, CudaMatrix context, float[] logSumExp) {
    if (documents.isEmpty()) {
      return;
    }
    int passes = 0;
    List<Device.PlacedRows> rows = new ArrayList<>();
    for (Placed document : documents) {
      passes = Math.max(passes, passes(document.schedule(), input.heads()));
      rows.add(new Device.PlacedRows(document.firstRow(), document.schedule().tokens()));
    }
    RowRange range = RowRange.of(rows);
    run(input, range, passes > 1, context, logSumExp, call -> run(call, documents, range));
  }

  /**
   * Makes the tensors of a call ready, and its result final.
   *
   * @param merges whether several launches merge in the rows
   * @param work computes on the tensors of the call
   */
  void run(
      AttentionInput input,
      RowRange range,
      boolean merges,
      CudaMatrix context,
      float[] logSumExp,
      Consumer<AttentionCall> work) {
    requireRows(input, context, range.lastRow());
    int firstRow = range.firstRow();
    int count = range.count();
    int width = input.heads() * input.headDim();
    // Partial results of bf16 rows would be rounded again in every pass.
    boolean widens = merges && context.element() == Element.BFLOAT16;
    boolean sums = merges || logSumExp != null;
    try (AttentionOperands operands =
            AttentionOperands.of(input, firstRow, count, rows, tensorCores);
        Memory known = sums ? pool.zeros((long) count * input.heads() * Float.BYTES) : null;
        CudaMatrix wide = widens ? rows.allocate(count, width, Element.FLOAT32) : null) {
      CudaRows.Part own = CudaRows.Part.of(context, firstRow, 0, width);
      CudaRows.Part widened = widens ? CudaRows.Part.of(wide, 0, 0, width) : null;
      if (widens && !range.isFull()) {
        // Rows of others in between stay what they are.
        rows.copy(own, null, widened, null, count, false);
      }
      CudaMatrix to = widens ? wide : context;
      work.accept(
          new AttentionCall(driver, pool, input, operands, to, widens ? 0 : firstRow, known));
      if (widens) {
        rows.copy(widened, null, own, null, count, false);
      }
      if (logSumExp != null) {
        known.read(0, logSumExp);
      }
    }
  }

  private static int passes(AttentionSchedule schedule, int heads) {
    int passes = 0;
    for (int head = 0; head < (schedule.sharedByHeads() ? 1 : heads); head++) {
      passes = Math.max(passes, schedule.passes(head));
    }
    return passes;
  }

  private void run(AttentionCall call, List<Placed> documents, RowRange range) {
    int heads = call.input().heads();
    List<Placed> shared = new ArrayList<>();
    List<Placed> apart = new ArrayList<>();
    List<Placed> uncovered = new ArrayList<>();
    for (Placed document : documents) {
      AttentionSchedule schedule = document.schedule();
      Placed moved = new Placed(document.firstRow() - range.firstRow(), schedule);
      (schedule.sharedByHeads() ? shared : apart).add(moved);
      if (!isCovered(schedule, heads)) {
        uncovered.add(moved);
      }
    }
    if (!uncovered.isEmpty()) {
      clear(call, uncovered, range);
    }
    run(call, shared, 0, heads);
    for (int head = 0; head < heads; head++) {
      run(call, apart, head, 1);
    }
  }

  /** Whether the first pass writes every row of every head. */
  private static boolean isCovered(AttentionSchedule schedule, int heads) {
    for (int head = 0; head < (schedule.sharedByHeads() ? 1 : heads); head++) {
      if (schedule.queries(head, 0) < schedule.tokens()) {
        return false;
      }
    }
    return true;
  }

  /** All rows at once, unless some are of others. */
  private void clear(AttentionCall call, List<Placed> uncovered, RowRange range) {
    if (range.isFull()) {
      rows.fill(call.context(), call.firstRow(), range.count(), 0);
    } else {
      for (Placed document : uncovered) {
        int first = call.firstRow() + document.firstRow();
        rows.fill(call.context(), first, document.schedule().tokens(), 0);
      }
    }
    if (call.logSumExp() != null) {
      int heads = call.input().heads();
      CudaMatrix sums = new CudaMatrix(call.logSumExp(), range.count(), heads, Element.FLOAT32);
      rows.fill(sums, 0, range.count(), Float.NEGATIVE_INFINITY);
    }
  }

  private void run(AttentionCall call, List<Placed> documents, int head, int heads) {
    int passes = 0;
    for (Placed document : documents) {
      passes = Math.max(passes, document.schedule().passes(head));
    }
    for (int pass = 0; pass < passes; pass++) {
      Batch batch = new Batch(call, new Heads(head, heads, pass > 0));
      for (Placed document : documents) {
        if (pass < document.schedule().passes(head)) {
          batch.add(document, head, pass);
        }
      }
      batch.launch();
    }
  }

  /** The plans of one pass, until they are enough for a launch. */
  private static final class Batch {
    private final AttentionCall call;
    private final Heads heads;
    private final List<AttentionCall.Placed<BlockPlan>> blocks = new ArrayList<>();
    private final List<AttentionCall.Placed<GatherPlan>> gathers = new ArrayList<>();
    private int queries;

    Batch(AttentionCall call, Heads heads) {
      this.call = call;
      this.heads = heads;
    }

    void add(Placed document, int head, int pass) {
      AttentionSchedule schedule = document.schedule();
      int step = Math.max(1, QUERIES_PER_LAUNCH / schedule.queryTile()) * schedule.queryTile();
      int last = schedule.queries(head, pass);
      for (int first = 0; first < last; first += step) {
        int end = (int) Math.min(last, (long) first + step);
        add(schedule.plan(head, pass, first, end), document.firstRow());
        queries += end - first;
        if (queries >= QUERIES_PER_LAUNCH) {
          launch();
        }
      }
    }

    private void add(Plan plan, int firstRow) {
      if (plan instanceof BlockPlan block) {
        blocks.add(new AttentionCall.Placed<>(block, firstRow));
      } else {
        gathers.add(new AttentionCall.Placed<>((GatherPlan) plan, firstRow));
      }
    }

    void launch() {
      if (!blocks.isEmpty()) {
        call.launchBlocks(blocks, heads);
      }
      if (!gathers.isEmpty()) {
        call.launchGathers(gathers, heads);
      }
      blocks.clear();
      gathers.clear();
      queries = 0;
    }
  }

  static void requireRows(AttentionInput input, CudaMatrix context, int lastRow) {
    int width = input.heads() * input.headDim();
    requireView("query", input.query(), width, lastRow);
    requireView("key", input.key(), width, lastRow);
    requireView("value", input.value(), width, lastRow);
    requireView("context", new View(context, 0), width, lastRow);
    if (input.headDim() > LARGEST_HEAD) {
      throw new IllegalArgumentException(
          "headDim must be at most 128 on this device, was "
              + input.headDim()
              + ": use the CPU for this model");
    }
  }

  static void requireView(String name, View view, int width, int lastRow) {
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
