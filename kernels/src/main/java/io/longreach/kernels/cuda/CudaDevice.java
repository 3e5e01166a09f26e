package io.longreach.kernels.cuda;

import io.longreach.kernels.cuda.CudaMatrix.Element;
import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.TileShape;

/**
 * The device contract on an NVIDIA GPU, or on its stand-in {@link HostDriver}. Matrices stay on the
 * device; calls are started in order and do not wait, except {@link #download}.
 *
 * <p>No GPU has run it yet: it is tested through the stand-in, which says nothing about its speed.
 */
public final class CudaDevice implements Device {

  /** What linear layers multiply in. Sums are float32 always. */
  public enum Precision {
    FLOAT32("linearFloat", 256),
    /** bfloat16 on the tensor cores; float32 everywhere else. */
    BFLOAT16("linearBfloat", 128);

    private final String kernel;
    private final int threads;

    Precision(String kernel, int threads) {
      this.kernel = kernel;
      this.threads = threads;
    }
  }

  private static final int SIDE = 64;
  private static final int THREADS = 128;
  private static final int WIDE = 256;

  private final CudaDriver driver;
  private final Precision precision;
  private final Memory.Pool pool;
  private final CudaAttention attention;

  private record CudaLinear(Memory weight, Memory bias, int inputs, int outputs)
      implements Linear {}

  private record CudaNorm(Memory scale, Memory shift, int columns, float epsilon) implements Norm {}

  private record CudaTable(Memory values, int rows, int columns) implements Table {}

  private record CudaRotation(Memory frequencies, int headDim) implements Rotation {}

  /**
   * @param driver closed with the device
   */
  public CudaDevice(CudaDriver driver, Precision precision) {
    this.driver = driver;
    this.precision = precision;
    this.pool = new Memory.Pool(driver);
    this.attention = new CudaAttention(driver, pool);
  }

  /**
   * The kernels on the host, in float32, by {@link HostDriver}.
   *
   * @throws CudaException if there is no g++
   */
  public static CudaDevice onHost() {
    return new CudaDevice(HostDriver.start(), Precision.FLOAT32);
  }

  @Override
  public String name() {
    return driver.name() + (precision == Precision.BFLOAT16 ? " (bf16)" : " (float32)");
  }

  /** Queries in the two blocks that share a word of mask bits. */
  @Override
  public TileShape tiles() {
    return new TileShape(64, 64);
  }

  @Override
  public Matrix allocate(int rows, int columns) {
    Memory memory = pool.zeros((long) rows * columns * Float.BYTES);
    return new CudaMatrix(pool.scoped(memory), rows, columns, Element.FLOAT32);
  }

  @Override
  public Matrix upload(float[] rowMajor, int rows, int columns) {
    requireSize("matrix", rowMajor, (long) rows * columns);
    return new CudaMatrix(pool.scoped(pool.of(rowMajor)), rows, columns, Element.FLOAT32);
  }

  @Override
  public float[] download(Matrix matrix, int firstRow, int lastRow) {
    CudaMatrix from = CudaMatrix.of(matrix);
    if (firstRow < 0 || firstRow > lastRow || lastRow > from.rows()) {
      throw new IllegalArgumentException(
          "rows must lie within " + from.rows() + ", were " + firstRow + " to " + lastRow);
    }
    float[] rows = new float[Math.multiplyExact(lastRow - firstRow, from.columns())];
    from.memory().read((long) firstRow * from.columns(), rows);
    java.lang.ref.Reference.reachabilityFence(from);
    return rows;
  }

  @Override
  public Linear linear(float[] weight, float[] bias, int inputs, int outputs) {
    requireSize("weight", weight, (long) inputs * outputs);
    if (bias != null) {
      requireSize("bias", bias, outputs);
    }
    return new CudaLinear(pool.of(weight), bias == null ? null : pool.of(bias), inputs, outputs);
  }

  @Override
  public Norm norm(float[] scale, float[] shift, float epsilon) {
    if (shift != null) {
      requireSize("shift", shift, scale.length);
    }
    Memory shifts = shift == null ? null : pool.of(shift);
    return new CudaNorm(pool.of(scale), shifts, scale.length, epsilon);
  }

  @Override
  public Table table(float[] rowMajor, int rows, int columns) {
    requireSize("table", rowMajor, (long) rows * columns);
    return new CudaTable(pool.of(rowMajor), rows, columns);
  }

  @Override
  public void embed(Table[] tables, int[][] indices, Matrix out) {
    CudaMatrix to = CudaMatrix.of(out);
    for (int i = 0; i < tables.length; i++) {
      CudaTable table = (CudaTable) tables[i];
      requireBelow("an embedding index", indices[i], table.rows());
      requireSize("indices", indices[i].length, to.rows());
      requireSize("columns", table.columns(), to.columns());
      try (Memory rows = pool.of(indices[i])) {
        copy(new Rows(table.values(), rows, table.columns()), to, null, 0, to.rows(), i > 0);
      }
    }
  }

  @Override
  public void linear(Matrix in, Linear layer, Activation activation, Matrix out) {
    CudaMatrix from = CudaMatrix.of(in);
    CudaMatrix to = CudaMatrix.of(out);
    CudaLinear linear = (CudaLinear) layer;
    requireShape("in", from, from.rows(), linear.inputs());
    requireShape("out", to, from.rows(), linear.outputs());
    new Parameters()
        .pointer(from.memory())
        .pointer(linear.weight())
        .pointer(linear.bias())
        .pointer(to.memory())
        .numbers(from.rows(), linear.inputs(), linear.outputs(), activation.ordinal())
        .launch(
            driver,
            precision.kernel,
            blocks(linear.outputs(), SIDE),
            blocks(from.rows(), SIDE),
            precision.threads);
  }

  @Override
  public void feedForward(Matrix in, FeedForward layers, Matrix out) {
    CudaMatrix wide = (CudaMatrix) allocate(in.rows(), layers.up().outputs());
    try (Memory own = wide.memory()) {
      linear(in, layers.up(), layers.activation(), wide);
      if (layers.gate() != null) {
        CudaMatrix gate = (CudaMatrix) allocate(in.rows(), layers.up().outputs());
        try (Memory gates = gate.memory()) {
          linear(in, layers.gate(), Activation.NONE, gate);
          elements("multiplyElements", wide, gates);
        }
      }
      linear(wide, layers.down(), Activation.NONE, out);
    }
  }

  @Override
  public void addNorm(Matrix in, Matrix residual, Norm norm, Matrix out) {
    CudaMatrix from = CudaMatrix.of(in);
    CudaMatrix to = CudaMatrix.of(out);
    CudaNorm layer = (CudaNorm) norm;
    requireShape("in", from, from.rows(), layer.columns());
    requireShape("out", to, from.rows(), layer.columns());
    if (residual != null) {
      requireShape("residual", CudaMatrix.of(residual), from.rows(), layer.columns());
    }
    new Parameters()
        .pointer(from.memory())
        .pointer(residual == null ? null : CudaMatrix.of(residual).memory())
        .pointer(layer.scale())
        .pointer(layer.shift())
        .pointer(to.memory())
        .numbers(layer.columns())
        .real(layer.epsilon())
        .launch(driver, "addNorm", from.rows(), 1, THREADS);
  }

  @Override
  public void add(Matrix inOut, Matrix other) {
    CudaMatrix to = CudaMatrix.of(inOut);
    CudaMatrix from = CudaMatrix.of(other);
    requireShape("other", from, to.rows(), to.columns());
    elements("addElements", to, from.memory());
  }

  private void elements(String kernel, CudaMatrix inOut, Memory other) {
    new Parameters()
        .pointer(inOut.memory())
        .pointer(other)
        .number(inOut.count())
        .real(0)
        .launch(driver, kernel, blocks(inOut.count(), WIDE), 1, WIDE);
  }

  @Override
  public void copyRows(Matrix from, int[] fromRows, Matrix to, int[] toRows) {
    CudaMatrix source = CudaMatrix.of(from);
    CudaMatrix target = CudaMatrix.of(to);
    requireShape("to", target, target.rows(), source.columns());
    requireBelow("a row of from", fromRows, source.rows());
    requireBelow("a row of to", toRows, target.rows());
    requireSize("toRows", toRows.length, fromRows.length);
    try (Memory picked = pool.of(fromRows);
        Memory placed = pool.of(toRows)) {
      Rows rows = new Rows(source.memory(), picked, source.columns());
      copy(rows, target, placed, 0, fromRows.length, false);
    }
  }

  @Override
  public Matrix join(Matrix left, Matrix right) {
    CudaMatrix lefts = CudaMatrix.of(left);
    CudaMatrix rights = CudaMatrix.of(right);
    requireShape("right", rights, lefts.rows(), rights.columns());
    CudaMatrix joined =
        (CudaMatrix) allocate(lefts.rows(), Math.addExact(lefts.columns(), rights.columns()));
    Rows first = new Rows(lefts.memory(), null, lefts.columns());
    Rows second = new Rows(rights.memory(), null, rights.columns());
    copy(first, joined, null, 0, lefts.rows(), false);
    copy(second, joined, null, lefts.columns(), lefts.rows(), false);
    return joined;
  }

  /** Rows of some memory; picked null for all in order. */
  private record Rows(Memory values, Memory picked, int columns) {}

  private void copy(
      Rows from, CudaMatrix to, Memory toRows, int toColumn, int count, boolean accumulate) {
    new Parameters()
        .pointer(from.values())
        .pointer(from.picked())
        .pointer(to.memory())
        .pointer(toRows)
        .numbers(from.columns(), from.columns(), to.columns(), toColumn, accumulate ? 1 : 0)
        .launch(driver, "copyRows", count, 1, THREADS);
  }

  @Override
  public Rotation rotation(double theta, int headDim) {
    if (headDim < 2 || headDim % 2 != 0 || !(theta > 0)) {
      throw new IllegalArgumentException(
          String.format(
              "a rotation needs a positive theta and an even headDim, were %s and %d: check the"
                  + " model's configuration",
              theta, headDim));
    }
    double[] frequencies = new double[headDim / 2];
    for (int pair = 0; pair < frequencies.length; pair++) {
      frequencies[pair] = Math.pow(theta, -2.0 * pair / headDim);
    }
    return new CudaRotation(pool.of(frequencies), headDim);
  }

  @Override
  public void rotate(
      AttentionInput.View inOut,
      int heads,
      Rotation rotation,
      int firstRow,
      int tokens,
      int firstPosition) {
    CudaRotation angles = (CudaRotation) rotation;
    CudaMatrix matrix = CudaMatrix.of(inOut.matrix());
    CudaAttention.requireView("inOut", inOut, heads * angles.headDim(), firstRow + tokens);
    new Parameters()
        .pointer(matrix.memory(), (long) firstRow * matrix.columns() + inOut.column())
        .pointer(angles.frequencies())
        .numbers(matrix.columns(), heads, angles.headDim(), firstPosition)
        .launch(driver, "rotate", tokens, 1, SIDE);
  }

  @Override
  public void attention(
      AttentionInput input,
      int firstRow,
      AttentionSchedule schedule,
      Matrix context,
      float[] logSumExp) {
    attention.run(input, firstRow, schedule, CudaMatrix.of(context), logSumExp);
  }

  /**
   * @throws UnsupportedOperationException always: not on this device yet
   */
  @Override
  public void linearAttention(
      AttentionInput input, int firstRow, int tokens, FeatureMap features, Matrix context) {
    throw new UnsupportedOperationException(
        "linear attention is not on the CUDA device yet: use device=cpu for performer");
  }

  @Override
  public Scope scope() {
    return pool.scope();
  }

  @Override
  public void synchronize() {
    driver.synchronize();
  }

  @Override
  public long freeBytes() {
    return driver.freeBytes();
  }

  @Override
  public void trim() {
    driver.trim();
  }

  @Override
  public void close() {
    driver.close();
  }

  private static int blocks(long count, int perBlock) {
    return Math.toIntExact((count + perBlock - 1) / perBlock);
  }

  private static void requireBelow(String what, int[] indices, int limit) {
    for (int index : indices) {
      if (index < 0 || index >= limit) {
        throw new IllegalArgumentException(what + " must be below " + limit + ", was " + index);
      }
    }
  }

  private static void requireSize(String name, float[] values, long expected) {
    requireSize(name, values.length, expected);
  }

  private static void requireSize(String name, int length, long expected) {
    if (length != expected) {
      throw new IllegalArgumentException(
          name + " must hold " + expected + " values, was " + length);
    }
  }

  private static void requireShape(String name, CudaMatrix matrix, int rows, int columns) {
    if (matrix.rows() != rows || matrix.columns() != columns) {
      throw new IllegalArgumentException(
          String.format(
              "%s must be %d x %d, was %d x %d",
              name, rows, columns, matrix.rows(), matrix.columns()));
    }
  }
}
