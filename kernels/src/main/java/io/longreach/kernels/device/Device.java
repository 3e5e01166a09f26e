package io.longreach.kernels.device;

import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.LshDocument;
import io.longreach.kernels.plan.LshKeys;
import io.longreach.kernels.plan.TileShape;
import java.util.List;

/**
 * The fused operations that an encoder needs. Hidden states stay on the device between them.
 *
 * <p>The bits of a row never depend on how many other rows share the call, where it stands among
 * them, or how many threads work: the same document gives the same bits wherever it runs.
 */
public interface Device extends AutoCloseable {

  /** For people: {@code cpu (Vector API, 256 bit)}, {@code cpu (scalar)}. */
  String name();

  /**
   * This device with its products in float32, for models whose hashes decide what is seen: there
   * rounding changes more than digits. Itself where products are float32 anyway. Both have one
   * memory and are closed by either; what {@link #allocateOperand} gives belongs to the one asked.
   */
  default Device inFloat32() {
    return this;
  }

  /** The tiles that schedules for this device should use; others work, more slowly. */
  default TileShape tiles() {
    return TileShape.DEFAULT;
  }

  /** A zeroed matrix. */
  Matrix allocate(int rows, int columns);

  /**
   * A zeroed matrix for rows that products and attention read next, such as projections: a device
   * may keep it in fewer bits.
   */
  default Matrix allocateOperand(int rows, int columns) {
    return allocate(rows, columns);
  }

  /** Copies host rows to the device. */
  Matrix upload(float[] rowMajor, int rows, int columns);

  /** Copies rows {@code [firstRow, lastRow)} to the host, row-major. */
  float[] download(Matrix matrix, int firstRow, int lastRow);

  /** The rows of each document as one. */
  default double[][] reduce(Matrix matrix, List<PlacedRows> documents, RowReduction reduction) {
    double[][] reduced = new double[documents.size()][];
    for (int d = 0; d < reduced.length; d++) {
      reduced[d] = reduction.start(matrix.columns());
      int before = documents.get(d).firstRow();
      int end = before + documents.get(d).tokens();
      for (int first = before; first < end; first += RowReduction.BLOCK_ROWS) {
        int last = Math.min(end, first + RowReduction.BLOCK_ROWS);
        reduction.add(download(matrix, first, last), first - before, reduced[d]);
      }
    }
    return reduced;
  }

  /**
   * Packs a linear layer once.
   *
   * @param weight {@code [outputs, inputs]} row-major, as published (y = x · weightᵀ + bias)
   * @param bias {@code [outputs]} or null
   */
  Linear linear(float[] weight, float[] bias, int inputs, int outputs);

  /**
   * @param shift {@code [columns]} or null (ModernBERT's norms have none)
   */
  Norm norm(float[] scale, float[] shift, float epsilon);

  /** An embedding table {@code [rows, columns]}. */
  Table table(float[] rowMajor, int rows, int columns);

  /** {@code out[t] = tables[0][indices[0][t]] + tables[1][indices[1][t]] + …}. */
  void embed(Table[] tables, int[][] indices, Matrix out);

  /** {@code out = activation(in · weightᵀ + bias)}; out may not be in. */
  void linear(Matrix in, Linear layer, Activation activation, Matrix out);

  /**
   * {@code out = down(activation(up(in)))}, times {@code gate(in)} before {@code down} where there
   * is a gate. The wide rows in between are never whole in memory. Out may be in.
   */
  void feedForward(Matrix in, FeedForward layers, Matrix out);

  /** {@code out = LayerNorm(in + residual)}; residual may be null; out may be either. */
  void addNorm(Matrix in, Matrix residual, Norm norm, Matrix out);

  /** {@code inOut += other}. */
  void add(Matrix inOut, Matrix other);

  /** {@code to[toRows[i]] = from[fromRows[i]]} for every i. */
  void copyRows(Matrix from, int[] fromRows, Matrix to, int[] toRows);

  /**
   * The rows of two matrices side by side, {@code [rows, left.columns() + right.columns()]}, in a
   * new matrix.
   */
  default Matrix join(Matrix left, Matrix right) {
    int rows = left.rows();
    int columns = Math.addExact(left.columns(), right.columns());
    float[] lefts = download(left, 0, rows);
    float[] rights = download(right, 0, rows);
    float[] joined = new float[Math.multiplyExact(rows, columns)];
    for (int row = 0; row < rows; row++) {
      int to = row * columns;
      System.arraycopy(lefts, row * left.columns(), joined, to, left.columns());
      System.arraycopy(rights, row * right.columns(), joined, to + left.columns(), right.columns());
    }
    return upload(joined, rows, columns);
  }

  /**
   * Rotary position angles: pair t of a head turns by {@code position * theta^(-2t / headDim)}.
   *
   * @param headDim even
   */
  Rotation rotation(double theta, int headDim);

  /**
   * Rotates the heads of one document in place: pairs are columns t and {@code t + headDim / 2},
   * the position is the token's number in the document.
   *
   * <p><b>Source.</b> Su et al., RoFormer, 2021, in the halves layout of GPT-NeoX.
   *
   * @param heads heads from {@code inOut.column()} on; query and key at once are twice as many
   */
  default void rotate(
      AttentionInput.View inOut, int heads, Rotation rotation, int firstRow, int tokens) {
    rotate(inOut, heads, rotation, firstRow, tokens, 0);
  }

  /**
   * The same for a segment of a document.
   *
   * @param firstPosition of the row {@code firstRow} in its document
   */
  void rotate(
      AttentionInput.View inOut,
      int heads,
      Rotation rotation,
      int firstRow,
      int tokens,
      int firstPosition);

  /** The same for the documents of one batch, in one launch on devices that launch. */
  default void rotate(
      AttentionInput.View inOut, int heads, Rotation rotation, List<PlacedRows> documents) {
    for (PlacedRows document : documents) {
      rotate(inOut, heads, rotation, document.firstRow(), document.tokens());
    }
  }

  /**
   * Softmax attention of one document over a schedule.
   *
   * <p>The document is rows {@code firstRow .. firstRow + schedule.tokens() - 1} of the input and
   * of {@code context} ({@code [rows, heads * headDim]}). Rows that see no key become zero.
   *
   * @param logSumExp {@code [tokens * heads]}, head-minor, filled when not null
   */
  void attention(
      AttentionInput input,
      int firstRow,
      AttentionSchedule schedule,
      Matrix context,
      float[] logSumExp);

  /**
   * The attention of several documents of one batch: the same as a call for each, with fewer
   * launches on devices that launch.
   */
  default void attention(AttentionInput input, List<Placed> documents, Matrix context) {
    for (Placed document : documents) {
      attention(input, document.firstRow(), document.schedule(), context, null);
    }
  }

  /**
   * LSH attention of the documents of one batch: the queries of each, and its keys where they are
   * hashed apart, are hashed and sorted by bucket; then every chunk sees itself and its neighbours.
   */
  default void lshAttention(AttentionInput input, List<PlacedLsh> documents, Matrix context) {
    for (PlacedLsh placed : documents) {
      AttentionSchedule schedule =
          HostHashing.schedule(this, input, placed.firstRow(), placed.document());
      attention(input, placed.firstRow(), schedule, context, null);
    }
  }

  /** The keys of LSH attention with shared query and key, in a new matrix. */
  default Matrix lshKeys(Lsh.Variant variant, Matrix queries, int headDim) {
    float[] rows = download(queries, 0, queries.rows());
    float[] keys = LshKeys.of(variant, rows, headDim);
    return upload(keys, queries.rows(), queries.columns());
  }

  /** Where a document begins, and what its queries see. */
  record Placed(int firstRow, AttentionSchedule schedule) {}

  /** Where a document begins, and what decides its LSH attention. */
  record PlacedLsh(int firstRow, LshDocument document) {}

  /** The rows of a document, or of a part of one. */
  record PlacedRows(int firstRow, int tokens) {}

  /**
   * Linear attention of the documents of one batch by random features: time and memory linear in
   * the tokens. The input's softmaxScale is not read, the features have their own.
   *
   * <p>The documents are rows of the input and of {@code context} ({@code [rows, heads *
   * headDim]}); all of their tokens are seen, padding has no place in it.
   */
  void linearAttention(
      AttentionInput input, List<PlacedRows> documents, FeatureMap features, Matrix context);

  /**
   * A scope of this thread: matrices that it makes until the scope is closed are freed then, at the
   * latest. Where the collector owns the memory this does nothing.
   */
  default Scope scope() {
    return () -> {};
  }

  /** Waits until everything that was asked for is done; for measuring. */
  default void synchronize() {}

  /** Bytes that matrices can take now; unlimited where that is the heap's affair. */
  default long freeBytes() {
    return Long.MAX_VALUE;
  }

  /** Gives back what the device keeps for reuse, for others who share it. */
  default void trim() {}

  /** See {@link #scope}. */
  interface Scope extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * The two or three linear layers of a feed-forward block.
   *
   * @param gate null for none
   */
  record FeedForward(Linear up, Linear gate, Activation activation, Linear down) {
    public FeedForward {
      boolean gateFits =
          gate == null || (gate.inputs() == up.inputs() && gate.outputs() == up.outputs());
      if (!gateFits || up.outputs() != down.inputs() || up.inputs() != down.outputs()) {
        throw new IllegalArgumentException(
            String.format(
                "up, gate and down must fit together, were %s, %s and %s: check the weights",
                shape(up), gate == null ? "none" : shape(gate), shape(down)));
      }
    }

    private static String shape(Linear layer) {
      return layer.inputs() + " -> " + layer.outputs();
    }
  }

  /** A packed linear layer. */
  interface Linear {
    int inputs();

    int outputs();
  }

  /** Rotary position angles for any number of tokens. */
  interface Rotation {
    int headDim();
  }

  /** A LayerNorm. */
  interface Norm {
    int columns();
  }

  /** An embedding table. */
  interface Table {
    int rows();

    int columns();
  }

  @Override
  void close();
}
