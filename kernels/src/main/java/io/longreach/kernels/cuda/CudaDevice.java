package io.longreach.kernels.cuda;

import static io.longreach.kernels.cuda.Shapes.requireBelow;
import static io.longreach.kernels.cuda.Shapes.requireRange;
import static io.longreach.kernels.cuda.Shapes.requireShape;
import static io.longreach.kernels.cuda.Shapes.requireSize;

import io.longreach.kernels.cuda.CudaMatrix.Element;
import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.device.RowReduction;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.TileShape;
import java.util.List;

/**
 * The device contract on an NVIDIA GPU, or on its stand-in {@link HostDriver}. Matrices stay on the
 * device; calls are started in order and do not wait, except {@link #download}.
 */
public final class CudaDevice implements Device {

  /** What linear layers and attention multiply in. Sums are float32 always. */
  public enum Precision {
    FLOAT32,
    /** bfloat16 on the tensor cores; hidden states, norms and linear attention are float32. */
    BFLOAT16
  }

  private final CudaDriver driver;
  private final Precision precision;
  private final Memory.Pool pool;
  private final CudaRows rows;
  private final CudaCopies copies;
  private final CudaLinearLayers linear;
  private final CudaNorms norms;
  private final NormedRows normed;
  private final CudaRotations rotations;
  private final CudaAttention attention;
  private final CudaLinearAttention linearAttention;
  private final CudaLsh lsh;

  /** This one, or made when it is first asked for. */
  private CudaDevice float32;

  /**
   * @param driver closed with the device
   */
  public CudaDevice(CudaDriver driver, Precision precision) {
    this(driver, new Memory.Pool(driver), precision);
  }

  private CudaDevice(CudaDriver driver, Memory.Pool pool, Precision precision) {
    this.driver = driver;
    this.precision = precision;
    this.pool = pool;
    this.float32 = precision == Precision.FLOAT32 ? this : null;
    this.rows = new CudaRows(driver, pool);
    this.normed = new NormedRows(rows);
    this.linear = new CudaLinearLayers(driver, pool, rows, normed, operandElement());
    this.copies = new CudaCopies(pool, rows);
    this.norms = new CudaNorms(driver, pool);
    this.rotations = new CudaRotations(driver, pool);
    this.attention = new CudaAttention(driver, pool, rows, precision == Precision.BFLOAT16);
    this.linearAttention = new CudaLinearAttention(driver, pool);
    this.lsh = new CudaLsh(driver, pool, attention);
  }

  /**
   * The kernels on the host, by {@link HostDriver}.
   *
   * @param warpgroups whether those for GPUs that have products of warpgroups
   * @throws CudaException if there is no g++
   */
  public static CudaDevice onHost(Precision precision, boolean warpgroups) {
    return new CudaDevice(HostDriver.start(warpgroups), precision);
  }

  private Element operandElement() {
    return precision == Precision.BFLOAT16 ? Element.BFLOAT16 : Element.FLOAT32;
  }

  @Override
  public String name() {
    return driver.name() + (precision == Precision.BFLOAT16 ? " (bf16)" : " (float32)");
  }

  @Override
  public synchronized Device inFloat32() {
    if (float32 == null) {
      float32 = new CudaDevice(driver, pool, Precision.FLOAT32);
    }
    return float32;
  }

  /** What a block takes: of float32, two blocks share a word of mask bits. */
  @Override
  public TileShape tiles() {
    return new TileShape(precision == Precision.BFLOAT16 ? 128 : 64, 64);
  }

  @Override
  public Matrix allocate(int rows, int columns) {
    return allocate(rows, columns, Element.FLOAT32);
  }

  @Override
  public Matrix allocateOperand(int rows, int columns) {
    return allocate(rows, columns, operandElement());
  }

  private CudaMatrix allocate(int rows, int columns, Element element) {
    CudaMatrix matrix = this.rows.zeros(rows, columns, element);
    pool.scoped(matrix.memory());
    return matrix;
  }

  @Override
  public Matrix upload(float[] rowMajor, int rows, int columns) {
    requireSize("matrix", rowMajor, (long) rows * columns);
    return new CudaMatrix(pool.scoped(pool.of(rowMajor)), rows, columns, Element.FLOAT32);
  }

  @Override
  public float[] download(Matrix matrix, int firstRow, int lastRow) {
    CudaMatrix from = CudaMatrix.of(matrix);
    requireRange(from, firstRow, lastRow);
    return copies.download(from, firstRow, lastRow);
  }

  @Override
  public double[][] reduce(Matrix matrix, List<PlacedRows> documents, RowReduction reduction) {
    CudaMatrix from = CudaMatrix.of(matrix);
    for (PlacedRows rows : documents) {
      requireRange(from, rows.firstRow(), rows.firstRow() + rows.tokens());
    }
    return rows.reduce(from, documents, reduction);
  }

  @Override
  public Linear linear(float[] weight, float[] bias, int inputs, int outputs) {
    return linear.pack(weight, bias, inputs, outputs);
  }

  @Override
  public Norm norm(float[] scale, float[] shift, float epsilon) {
    return norms.norm(scale, shift, epsilon);
  }

  @Override
  public Table table(float[] rowMajor, int rows, int columns) {
    requireSize("table", rowMajor, (long) rows * columns);
    return new CudaTable(new CudaMatrix(pool.of(rowMajor), rows, columns, Element.FLOAT32));
  }

  @Override
  public void embed(Table[] tables, int[][] indices, Matrix out) {
    CudaMatrix to = CudaMatrix.of(out);
    for (int i = 0; i < tables.length; i++) {
      CudaTable table = (CudaTable) tables[i];
      requireBelow("an embedding index", indices[i], table.rows());
      requireSize("indices", indices[i].length, to.rows());
      requireSize("columns", table.columns(), to.columns());
      copies.pick(table.matrix(), indices[i], to, i > 0);
    }
    normed.wasWritten(to);
  }

  @Override
  public void linear(Matrix in, Linear layer, Activation activation, Matrix out) {
    linear.linear(CudaMatrix.of(in), layer, activation, CudaMatrix.of(out));
    normed.wasWritten(CudaMatrix.of(out));
  }

  @Override
  public void feedForward(Matrix in, FeedForward layers, Matrix out) {
    linear.feedForward(CudaMatrix.of(in), layers, CudaMatrix.of(out));
    normed.wasWritten(CudaMatrix.of(out));
  }

  @Override
  public void addNorm(Matrix in, Matrix residual, Norm norm, Matrix out) {
    CudaMatrix other = residual == null ? null : CudaMatrix.of(residual);
    CudaMatrix to = CudaMatrix.of(out);
    boolean rounds = precision == Precision.BFLOAT16 && to.element() == Element.FLOAT32;
    norms.addNorm(CudaMatrix.of(in), other, norm, to, rounds ? normed.operandFor(to) : null);
  }

  @Override
  public void add(Matrix inOut, Matrix other) {
    CudaMatrix to = CudaMatrix.of(inOut);
    CudaMatrix from = CudaMatrix.of(other);
    requireShape("other", from, to.rows(), to.columns());
    rows.add(to, from);
    normed.wasWritten(to);
  }

  @Override
  public void copyRows(Matrix from, int[] fromRows, Matrix to, int[] toRows) {
    CudaMatrix source = CudaMatrix.of(from);
    CudaMatrix target = CudaMatrix.of(to);
    requireShape("to", target, target.rows(), source.columns());
    requireBelow("a row of from", fromRows, source.rows());
    requireBelow("a row of to", toRows, target.rows());
    requireSize("toRows", toRows.length, fromRows.length);
    copies.copyRows(source, fromRows, target, toRows);
    normed.wasWritten(target);
  }

  @Override
  public Matrix join(Matrix left, Matrix right) {
    CudaMatrix lefts = CudaMatrix.of(left);
    CudaMatrix rights = CudaMatrix.of(right);
    requireShape("right", rights, lefts.rows(), rights.columns());
    CudaMatrix joined =
        (CudaMatrix) allocate(lefts.rows(), Math.addExact(lefts.columns(), rights.columns()));
    copies.join(lefts, rights, joined);
    return joined;
  }

  @Override
  public Rotation rotation(double theta, int headDim) {
    return rotations.rotation(theta, headDim);
  }

  @Override
  public void rotate(
      AttentionInput.View inOut,
      int heads,
      Rotation rotation,
      int firstRow,
      int tokens,
      int firstPosition) {
    rotations.rotate(inOut, heads, rotation, firstRow, tokens, firstPosition);
    normed.wasWritten(CudaMatrix.of(inOut.matrix()));
  }

  @Override
  public void rotate(
      AttentionInput.View inOut, int heads, Rotation rotation, List<PlacedRows> documents) {
    rotations.rotate(inOut, heads, rotation, documents);
    normed.wasWritten(CudaMatrix.of(inOut.matrix()));
  }

  @Override
  public void attention(
      AttentionInput input,
      int firstRow,
      AttentionSchedule schedule,
      Matrix context,
      float[] logSumExp) {
    attention.run(
        input, List.of(new Placed(firstRow, schedule)), CudaMatrix.of(context), logSumExp);
    normed.wasWritten(CudaMatrix.of(context));
  }

  @Override
  public void attention(AttentionInput input, List<Placed> documents, Matrix context) {
    attention.run(input, documents, CudaMatrix.of(context), null);
    normed.wasWritten(CudaMatrix.of(context));
  }

  @Override
  public void lshAttention(AttentionInput input, List<PlacedLsh> documents, Matrix context) {
    lsh.run(input, documents, tiles(), CudaMatrix.of(context));
    normed.wasWritten(CudaMatrix.of(context));
  }

  @Override
  public Matrix lshKeys(Lsh.Variant variant, Matrix queries, int headDim) {
    CudaMatrix from = CudaMatrix.of(queries);
    CudaMatrix keys = allocate(from.rows(), from.columns(), operandElement());
    lsh.keys(variant, from, headDim, keys);
    return keys;
  }

  @Override
  public void linearAttention(
      AttentionInput input, List<PlacedRows> documents, FeatureMap features, Matrix context) {
    linearAttention.run(input, documents, features, CudaMatrix.of(context));
    normed.wasWritten(CudaMatrix.of(context));
  }

  @Override
  public Scope scope() {
    Scope memory = pool.scope();
    return () -> {
      normed.forget();
      memory.close();
    };
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
    attention.trim();
    normed.forget();
    synchronized (this) {
      if (float32 != null && float32 != this) {
        float32.attention.trim();
      }
    }
    driver.trim();
  }

  @Override
  public void close() {
    driver.close();
  }
}
