package io.longreach.kernels.cuda;

import io.longreach.kernels.cuda.CudaMatrix.Element;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.AttentionInput.View;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Device.Placed;
import io.longreach.kernels.plan.AttentionSchedule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Launches schedules pass by pass, all documents of a batch at once; each pass merges into what the
 * passes before it left.
 */
final class CudaAttention {
  static final int LARGEST_HEAD = 128;

  private final CudaDriver driver;
  private final Memory.Pool pool;
  private final CudaRows rows;
  private final boolean tensorCores;
  private final LaunchCache launches = new LaunchCache();

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
    boolean merges = false;
    List<Device.PlacedRows> rows = new ArrayList<>();
    for (Placed document : documents) {
      merges |= AttentionPlanner.merges(document.schedule(), input.heads());
      rows.add(new Device.PlacedRows(document.firstRow(), document.schedule().tokens()));
    }
    RowRange range = RowRange.of(rows);
    run(input, range, merges, context, logSumExp, call -> launch(call, documents, range));
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
        CudaMatrix wide = widens ? rows.scratch(count, width, Element.FLOAT32) : null) {
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

  private synchronized void launch(AttentionCall call, List<Placed> documents, RowRange range) {
    int heads = call.input().heads();
    List<Placed> moved = new ArrayList<>();
    List<Placed> uncovered = new ArrayList<>();
    for (Placed document : documents) {
      AttentionSchedule schedule = document.schedule();
      Placed own = new Placed(document.firstRow() - range.firstRow(), schedule);
      moved.add(own);
      if (schedule.zeroesOthers() && !AttentionPlanner.isCovered(schedule, heads)) {
        uncovered.add(own);
      }
    }
    if (!uncovered.isEmpty()) {
      clear(call, uncovered, range);
    }
    boolean tensors = call.operands().tensorCores();
    launches.start(
        moved,
        heads,
        tensors,
        to -> new AttentionPlanner(pool, tensors, heads, to).plan(moved),
        launch -> launch.start(call));
  }

  /** Frees the tables that are kept for the next layers. */
  synchronized void trim() {
    launches.clear();
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
