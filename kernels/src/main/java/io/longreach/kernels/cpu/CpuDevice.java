package io.longreach.kernels.cpu;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.TileShape;
import java.util.Arrays;
import java.util.List;

/**
 * The device that every machine has: heap arrays, the Vector API, a fixed number of threads.
 *
 * <p>Thread-safe; calls from several threads share the workers.
 */
public final class CpuDevice implements Device {
  private static final int ROWS_PER_ITEM = 64;

  private final CpuKernels kernels;
  private final Workers workers;
  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

  private CpuDevice(CpuKernels kernels, int threads) {
    this.kernels = kernels;
    this.workers = new Workers(threads);
  }

  /**
   * A device of the best instructions this JVM can run.
   *
   * @param threads threads that work at once, at least 1: what one Spark task was given
   */
  public static CpuDevice create(int threads) {
    return create(threads, Instructions.best());
  }

  /** A device of given instructions, for tests and comparisons. */
  public static CpuDevice create(int threads, Instructions instructions) {
    return new CpuDevice(CpuKernels.of(instructions), threads);
  }

  @Override
  public String name() {
    return "cpu (" + kernels.name() + ")";
  }

  @Override
  public TileShape tiles() {
    return kernels.attention().tiles();
  }

  @Override
  public Matrix allocate(int rows, int columns) {
    return CpuMatrix.zeros(rows, columns);
  }

  @Override
  public Matrix upload(float[] rowMajor, int rows, int columns) {
    requireSize("matrix", rowMajor, (long) rows * columns);
    return new CpuMatrix(rowMajor.clone(), rows, columns);
  }

  @Override
  public float[] download(Matrix matrix, int firstRow, int lastRow) {
    CpuMatrix cpu = CpuMatrix.of(matrix);
    return Arrays.copyOfRange(cpu.values(), firstRow * cpu.columns(), lastRow * cpu.columns());
  }

  @Override
  public Linear linear(float[] weight, float[] bias, int inputs, int outputs) {
    requireSize("weight", weight, (long) inputs * outputs);
    if (bias != null) {
      requireSize("bias", bias, outputs);
    }
    return kernels.linear().pack(weight, bias, inputs, outputs);
  }

  @Override
  public Norm norm(float[] scale, float[] shift, float epsilon) {
    if (shift != null) {
      requireSize("shift", shift, scale.length);
    }
    return new CpuNorm(
        scale.clone(), shift == null ? new float[scale.length] : shift.clone(), epsilon);
  }

  @Override
  public Table table(float[] rowMajor, int rows, int columns) {
    requireSize("table", rowMajor, (long) rows * columns);
    return new CpuTable(rowMajor.clone(), rows, columns);
  }

  @Override
  public void embed(Table[] tables, int[][] indices, Matrix out) {
    CpuMatrix to = CpuMatrix.of(out);
    workers.forEach(
        items(to.rows()),
        item -> {
          for (int row = item * ROWS_PER_ITEM; row < end(item, to.rows()); row++) {
            Arrays.fill(to.values(), row * to.columns(), (row + 1) * to.columns(), 0);
            for (int t = 0; t < tables.length; t++) {
              addTableRow((CpuTable) tables[t], indices[t][row], to, row);
            }
          }
        });
  }

  private static void addTableRow(CpuTable table, int index, CpuMatrix to, int row) {
    if (index < 0 || index >= table.rows()) {
      throw new IllegalArgumentException(
          "an embedding index must be below " + table.rows() + ", was " + index);
    }
    int from = index * table.columns();
    int at = row * to.columns();
    for (int i = 0; i < table.columns(); i++) {
      to.values()[at + i] += table.values()[from + i];
    }
  }

  @Override
  public void linear(Matrix in, Linear layer, Activation activation, Matrix out) {
    CpuMatrix from = CpuMatrix.of(in);
    CpuMatrix to = CpuMatrix.of(out);
    CpuLinear packed = (CpuLinear) layer;
    requireShape("in", from, from.rows(), packed.inputs());
    requireShape("out", to, from.rows(), packed.outputs());
    forEachBlock(
        from.rows(),
        (firstRow, lastRow) ->
            kernels
                .linear()
                .run(packed, activation, from.values(), to.values(), firstRow, lastRow));
  }

  @Override
  public void feedForward(Matrix in, FeedForward layers, Matrix out) {
    CpuMatrix from = CpuMatrix.of(in);
    CpuMatrix to = CpuMatrix.of(out);
    requireShape("in", from, from.rows(), layers.up().inputs());
    requireShape("out", to, from.rows(), layers.down().outputs());
    CpuFeedForward block = new CpuFeedForward(kernels.linear(), layers);
    forEachBlock(
        from.rows(),
        (firstRow, lastRow) ->
            block.run(from.values(), to.values(), firstRow, lastRow, scratch.get()));
  }

  private interface RowBlock {
    void run(int firstRow, int lastRow);
  }

  /** Few rows are shared out evenly; many go in blocks that suit the caches. */
  private void forEachBlock(int rows, RowBlock block) {
    int share = (rows + workers.threads() - 1) / workers.threads();
    int perItem = Math.max(1, Math.min(kernels.linear().rowsPerItem(), share));
    workers.forEach(
        (rows + perItem - 1) / perItem,
        item -> block.run(item * perItem, Math.min(rows, (item + 1) * perItem)));
  }

  @Override
  public void addNorm(Matrix in, Matrix residual, Norm norm, Matrix out) {
    CpuMatrix from = CpuMatrix.of(in);
    CpuMatrix to = CpuMatrix.of(out);
    requireShape("in", from, from.rows(), norm.columns());
    requireShape("out", to, from.rows(), norm.columns());
    if (residual != null) {
      requireShape("residual", CpuMatrix.of(residual), from.rows(), norm.columns());
    }
    float[] other = residual == null ? null : CpuMatrix.of(residual).values();
    workers.forEach(
        items(from.rows()),
        item ->
            kernels
                .rows()
                .addNorm(
                    from.values(),
                    other,
                    (CpuNorm) norm,
                    to.values(),
                    item * ROWS_PER_ITEM,
                    end(item, from.rows())));
  }

  @Override
  public void add(Matrix inOut, Matrix other) {
    CpuMatrix to = CpuMatrix.of(inOut);
    CpuMatrix from = CpuMatrix.of(other);
    requireShape("other", from, to.rows(), to.columns());
    workers.forEach(
        items(to.rows()),
        item ->
            kernels
                .rows()
                .add(
                    to.values(),
                    from.values(),
                    item * ROWS_PER_ITEM * to.columns(),
                    end(item, to.rows()) * to.columns()));
  }

  @Override
  public void copyRows(Matrix from, int[] fromRows, Matrix to, int[] toRows) {
    CpuMatrix source = CpuMatrix.of(from);
    CpuMatrix target = CpuMatrix.of(to);
    requireShape("to", target, target.rows(), source.columns());
    for (int i = 0; i < fromRows.length; i++) {
      System.arraycopy(
          source.values(),
          fromRows[i] * source.columns(),
          target.values(),
          toRows[i] * source.columns(),
          source.columns());
    }
  }

  @Override
  public Matrix join(Matrix left, Matrix right) {
    CpuMatrix first = CpuMatrix.of(left);
    CpuMatrix second = CpuMatrix.of(right);
    requireShape("right", second, first.rows(), second.columns());
    CpuMatrix joined =
        CpuMatrix.zeros(first.rows(), Math.addExact(first.columns(), second.columns()));
    for (int row = 0; row < joined.rows(); row++) {
      int to = row * joined.columns();
      System.arraycopy(first.values(), row * first.columns(), joined.values(), to, first.columns());
      System.arraycopy(
          second.values(),
          row * second.columns(),
          joined.values(),
          to + first.columns(),
          second.columns());
    }
    return joined;
  }

  @Override
  public Rotation rotation(double theta, int headDim) {
    return new CpuRotation(theta, headDim);
  }

  @Override
  public void rotate(
      AttentionInput.View inOut,
      int heads,
      Rotation rotation,
      int firstRow,
      int tokens,
      int firstPosition) {
    AttentionKernel.Rows rows =
        rows("inOut", inOut, heads * rotation.headDim(), firstRow, firstRow + tokens);
    workers.forEach(
        items(tokens),
        item ->
            ((CpuRotation) rotation)
                .rotate(
                    rows.values(),
                    rows.offset(),
                    rows.stride(),
                    heads,
                    item * ROWS_PER_ITEM,
                    end(item, tokens),
                    firstPosition));
  }

  @Override
  public void attention(
      AttentionInput input,
      int firstRow,
      AttentionSchedule schedule,
      Matrix context,
      float[] logSumExp) {
    int width = input.heads() * input.headDim();
    CpuMatrix to = CpuMatrix.of(context);
    requireShape("context", to, to.rows(), width);
    int rows = firstRow + schedule.tokens();
    kernels
        .attention()
        .run(
            rows("query", input.query(), width, firstRow, rows),
            rows("key", input.key(), width, firstRow, rows),
            rows("value", input.value(), width, firstRow, rows),
            input.heads(),
            input.headDim(),
            input.softmaxScale(),
            schedule,
            rows("context", new AttentionInput.View(context, 0), width, firstRow, rows),
            logSumExp,
            workers);
  }

  @Override
  public void lshAttention(AttentionInput input, List<PlacedLsh> documents, Matrix context) {
    for (PlacedLsh placed : documents) {
      lshAttention(input, placed.firstRow(), placed.document(), context);
    }
  }

  private void lshAttention(
      AttentionInput input, int firstRow, LshDocument document, Matrix context) {
    int width = input.heads() * input.headDim();
    int rows = firstRow + document.tokens();
    AttentionSchedule schedule =
        CpuHashing.schedule(
            kernels,
            document,
            tiles(),
            rows("query", input.query(), width, firstRow, rows),
            rows("key", input.key(), width, firstRow, rows),
            input.heads(),
            input.headDim(),
            workers);
    attention(input, firstRow, schedule, context, null);
  }

  @Override
  public void linearAttention(
      AttentionInput input, List<PlacedRows> documents, FeatureMap features, Matrix context) {
    for (PlacedRows placed : documents) {
      linearAttention(input, placed.firstRow(), placed.tokens(), features, context);
    }
  }

  private void linearAttention(
      AttentionInput input, int firstRow, int tokens, FeatureMap features, Matrix context) {
    int headDim = input.headDim();
    int width = input.heads() * headDim;
    CpuMatrix to = CpuMatrix.of(context);
    requireShape("context", to, to.rows(), width);
    if (features.headDim() != headDim) {
      throw new IllegalArgumentException(
          "the features must be of headDim " + headDim + ", were of " + features.headDim());
    }
    LinearAttention attention = new LinearAttention(kernels, features);
    int rows = firstRow + tokens;
    AttentionKernel.Rows query = rows("query", input.query(), width, firstRow, rows);
    AttentionKernel.Rows key = rows("key", input.key(), width, firstRow, rows);
    AttentionKernel.Rows value = rows("value", input.value(), width, firstRow, rows);
    AttentionKernel.Rows out =
        rows("context", new AttentionInput.View(context, 0), width, firstRow, rows);
    workers.forEach(
        input.heads(),
        head -> {
          int column = head * headDim;
          attention.run(
              query.from(column), key.from(column), value.from(column), out.from(column), tokens);
        });
  }

  private static AttentionKernel.Rows rows(
      String name, AttentionInput.View view, int width, int firstRow, int lastRow) {
    CpuMatrix matrix = CpuMatrix.of(view.matrix());
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
    return new AttentionKernel.Rows(
        matrix.values(), firstRow * matrix.columns() + view.column(), matrix.columns());
  }

  private static int items(int rows) {
    return (rows + ROWS_PER_ITEM - 1) / ROWS_PER_ITEM;
  }

  private static int end(int item, int rows) {
    return Math.min(rows, (item + 1) * ROWS_PER_ITEM);
  }

  private static void requireSize(String name, float[] values, long expected) {
    if (values.length != expected) {
      throw new IllegalArgumentException(
          name + " must hold " + expected + " values, was " + values.length);
    }
  }

  private static void requireShape(String name, CpuMatrix matrix, int rows, int columns) {
    if (matrix.rows() != rows || matrix.columns() != columns) {
      throw new IllegalArgumentException(
          String.format(
              "%s must be %d x %d, was %d x %d",
              name, rows, columns, matrix.rows(), matrix.columns()));
    }
  }

  @Override
  public void close() {
    workers.close();
  }
}
