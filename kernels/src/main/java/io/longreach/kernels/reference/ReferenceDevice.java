package io.longreach.kernels.reference;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.FeatureMap;
import java.util.List;

/** The device contract in double precision: what every other device is measured against. */
public final class ReferenceDevice implements Device {

  private record ReferenceLinear(DoubleMatrix weight, float[] bias) implements Linear {
    @Override
    public int inputs() {
      return weight.columns();
    }

    @Override
    public int outputs() {
      return weight.rows();
    }
  }

  private record ReferenceNorm(float[] scale, float[] shift, double epsilon) implements Norm {
    @Override
    public int columns() {
      return scale.length;
    }
  }

  private record ReferenceRotation(double theta, int headDim) implements Rotation {}

  private record ReferenceTable(DoubleMatrix matrix) implements Table {
    @Override
    public int rows() {
      return matrix.rows();
    }

    @Override
    public int columns() {
      return matrix.columns();
    }
  }

  @Override
  public String name() {
    return "reference (double)";
  }

  @Override
  public Matrix allocate(int rows, int columns) {
    return DoubleMatrix.zero(rows, columns);
  }

  @Override
  public Matrix upload(float[] rowMajor, int rows, int columns) {
    return DoubleMatrix.of(rowMajor, rows, columns);
  }

  @Override
  public float[] download(Matrix matrix, int firstRow, int lastRow) {
    DoubleMatrix from = (DoubleMatrix) matrix;
    float[] rows = new float[Math.multiplyExact(lastRow - firstRow, from.columns())];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) from.values()[firstRow * from.columns() + i];
    }
    return rows;
  }

  @Override
  public Linear linear(float[] weight, float[] bias, int inputs, int outputs) {
    return new ReferenceLinear(DoubleMatrix.of(weight, outputs, inputs), bias);
  }

  @Override
  public Norm norm(float[] scale, float[] shift, float epsilon) {
    return new ReferenceNorm(scale, shift, shortest(epsilon));
  }

  @Override
  public Table table(float[] rowMajor, int rows, int columns) {
    return new ReferenceTable(DoubleMatrix.of(rowMajor, rows, columns));
  }

  @Override
  public void embed(Table[] tables, int[][] indices, Matrix out) {
    DoubleMatrix to = (DoubleMatrix) out;
    for (int row = 0; row < to.rows(); row++) {
      for (int column = 0; column < to.columns(); column++) {
        double sum = 0;
        for (int table = 0; table < tables.length; table++) {
          sum += ((ReferenceTable) tables[table]).matrix().at(indices[table][row], column);
        }
        to.set(row, column, sum);
      }
    }
  }

  @Override
  public void linear(Matrix in, Linear layer, Activation activation, Matrix out) {
    DoubleMatrix from = (DoubleMatrix) in;
    DoubleMatrix to = (DoubleMatrix) out;
    ReferenceLinear linear = (ReferenceLinear) layer;
    for (int row = 0; row < from.rows(); row++) {
      for (int output = 0; output < linear.outputs(); output++) {
        double sum = linear.bias() == null ? 0 : linear.bias()[output];
        for (int input = 0; input < linear.inputs(); input++) {
          sum += from.at(row, input) * linear.weight().at(output, input);
        }
        to.set(row, output, Functions.activate(activation, sum));
      }
    }
  }

  @Override
  public void feedForward(Matrix in, FeedForward layers, Matrix out) {
    Matrix inner = allocate(in.rows(), layers.up().outputs());
    linear(in, layers.up(), layers.activation(), inner);
    if (layers.gate() != null) {
      Matrix gate = allocate(in.rows(), layers.gate().outputs());
      linear(in, layers.gate(), Activation.NONE, gate);
      multiply((DoubleMatrix) inner, (DoubleMatrix) gate);
    }
    linear(inner, layers.down(), Activation.NONE, out);
  }

  private static void multiply(DoubleMatrix inOut, DoubleMatrix other) {
    for (int i = 0; i < inOut.values().length; i++) {
      inOut.values()[i] *= other.values()[i];
    }
  }

  @Override
  public void addNorm(Matrix in, Matrix residual, Norm norm, Matrix out) {
    DoubleMatrix from = (DoubleMatrix) in;
    DoubleMatrix other = (DoubleMatrix) residual;
    DoubleMatrix to = (DoubleMatrix) out;
    ReferenceNorm layer = (ReferenceNorm) norm;
    double[] row = new double[from.columns()];
    for (int r = 0; r < from.rows(); r++) {
      for (int column = 0; column < row.length; column++) {
        row[column] = from.at(r, column) + (other == null ? 0 : other.at(r, column));
      }
      normalize(row, layer);
      System.arraycopy(row, 0, to.values(), r * row.length, row.length);
    }
  }

  @Override
  public void add(Matrix inOut, Matrix other) {
    double[] to = ((DoubleMatrix) inOut).values();
    double[] more = ((DoubleMatrix) other).values();
    for (int i = 0; i < to.length; i++) {
      to[i] += more[i];
    }
  }

  @Override
  public void copyRows(Matrix from, int[] fromRows, Matrix to, int[] toRows) {
    DoubleMatrix source = (DoubleMatrix) from;
    DoubleMatrix target = (DoubleMatrix) to;
    for (int i = 0; i < fromRows.length; i++) {
      for (int column = 0; column < source.columns(); column++) {
        target.set(toRows[i], column, source.at(fromRows[i], column));
      }
    }
  }

  @Override
  public Matrix join(Matrix left, Matrix right) {
    DoubleMatrix joined = DoubleMatrix.zero(left.rows(), left.columns() + right.columns());
    for (int row = 0; row < joined.rows(); row++) {
      for (int column = 0; column < joined.columns(); column++) {
        boolean inLeft = column < left.columns();
        DoubleMatrix from = (DoubleMatrix) (inLeft ? left : right);
        joined.set(row, column, from.at(row, inLeft ? column : column - left.columns()));
      }
    }
    return joined;
  }

  @Override
  public Rotation rotation(double theta, int headDim) {
    return new ReferenceRotation(theta, headDim);
  }

  @Override
  public void rotate(
      AttentionInput.View inOut,
      int heads,
      Rotation rotation,
      int firstRow,
      int tokens,
      int firstPosition) {
    DoubleMatrix matrix = (DoubleMatrix) inOut.matrix();
    int headDim = rotation.headDim();
    double theta = ((ReferenceRotation) rotation).theta();
    for (int token = 0; token < tokens; token++) {
      for (int head = 0; head < heads; head++) {
        for (int pair = 0; pair < headDim / 2; pair++) {
          double angle = (firstPosition + token) * Math.pow(theta, -2.0 * pair / headDim);
          int row = firstRow + token;
          int left = inOut.column() + head * headDim + pair;
          int right = left + headDim / 2;
          double x = matrix.at(row, left);
          double y = matrix.at(row, right);
          matrix.set(row, left, x * Math.cos(angle) - y * Math.sin(angle));
          matrix.set(row, right, y * Math.cos(angle) + x * Math.sin(angle));
        }
      }
    }
  }

  @Override
  public void attention(
      AttentionInput input,
      int firstRow,
      AttentionSchedule schedule,
      Matrix context,
      float[] logSumExp) {
    for (int head = 0; head < input.heads(); head++) {
      ScheduledHead run = new ScheduledHead(input, head, firstRow, schedule.tokens());
      run.attend(schedule);
      run.write((DoubleMatrix) context, logSumExp);
    }
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
    double[][] projection = new double[features.features()][headDim];
    for (int f = 0; f < projection.length; f++) {
      for (int d = 0; d < headDim; d++) {
        projection[f][d] = features.projection()[f * headDim + d];
      }
    }
    for (int head = 0; head < input.heads(); head++) {
      double[][] rows =
          FavorReference.context(
              features.kernel(),
              features.direction(),
              head(input.query(), head, headDim, firstRow, tokens),
              head(input.key(), head, headDim, firstRow, tokens),
              head(input.value(), head, headDim, firstRow, tokens),
              projection);
      for (int token = 0; token < tokens; token++) {
        for (int d = 0; d < headDim; d++) {
          ((DoubleMatrix) context).set(firstRow + token, head * headDim + d, rows[token][d]);
        }
      }
    }
  }

  private static double[][] head(
      AttentionInput.View view, int head, int headDim, int firstRow, int tokens) {
    double[][] rows = new double[tokens][headDim];
    for (int token = 0; token < tokens; token++) {
      for (int d = 0; d < headDim; d++) {
        int column = view.column() + head * headDim + d;
        rows[token][d] = ((DoubleMatrix) view.matrix()).at(firstRow + token, column);
      }
    }
    return rows;
  }

  @Override
  public void close() {}

  private static void normalize(double[] row, ReferenceNorm norm) {
    double mean = 0;
    for (double x : row) {
      mean += x / row.length;
    }
    double variance = 0;
    for (double x : row) {
      variance += (x - mean) * (x - mean) / row.length;
    }
    double inverse = 1 / Math.sqrt(variance + norm.epsilon());
    for (int i = 0; i < row.length; i++) {
      double shift = norm.shift() == null ? 0 : norm.shift()[i];
      row[i] = (row[i] - mean) * inverse * norm.scale()[i] + shift;
    }
  }

  /** The double that the float was written as: 1e-12 and not 9.99999996e-13. */
  static double shortest(float value) {
    return Double.parseDouble(Float.toString(value));
  }
}
