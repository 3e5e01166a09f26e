package io.longreach.encoders.bench;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.AttentionInput;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import io.longreach.kernels.plan.AttentionSchedule;
import io.longreach.kernels.plan.FeatureMap;
import io.longreach.kernels.plan.TileShape;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A device that adds up where the time of its calls goes. Not thread-safe. */
final class TimedDevice implements Device {

  /** What calls do. */
  enum Part {
    LINEAR,
    ATTENTION,
    NORM
  }

  private final Device device;
  private final Map<Part, Long> nanos = new EnumMap<>(Part.class);
  private double linearFlops;

  TimedDevice(Device device) {
    this.device = device;
    clear();
  }

  void clear() {
    for (Part part : Part.values()) {
      nanos.put(part, 0L);
    }
    linearFlops = 0;
  }

  double seconds(Part part) {
    return nanos.get(part) * 1e-9;
  }

  /** Of all linear layers, feed-forward blocks among them. */
  double linearFlops() {
    return linearFlops;
  }

  private void timed(Part part, Runnable call) {
    long start = System.nanoTime();
    call.run();
    nanos.merge(part, System.nanoTime() - start, Long::sum);
  }

  private static double flops(Matrix in, Linear layer) {
    return layer == null ? 0 : 2.0 * in.rows() * layer.inputs() * layer.outputs();
  }

  @Override
  public void linear(Matrix in, Linear layer, Activation activation, Matrix out) {
    linearFlops += flops(in, layer);
    timed(Part.LINEAR, () -> device.linear(in, layer, activation, out));
  }

  @Override
  public void feedForward(Matrix in, FeedForward layers, Matrix out) {
    linearFlops += flops(in, layers.up()) + flops(in, layers.gate()) + flops(in, layers.down());
    timed(Part.LINEAR, () -> device.feedForward(in, layers, out));
  }

  @Override
  public void addNorm(Matrix in, Matrix residual, Norm norm, Matrix out) {
    timed(Part.NORM, () -> device.addNorm(in, residual, norm, out));
  }

  @Override
  public void attention(
      AttentionInput input,
      int firstRow,
      AttentionSchedule schedule,
      Matrix context,
      float[] logSumExp) {
    timed(Part.ATTENTION, () -> device.attention(input, firstRow, schedule, context, logSumExp));
  }

  @Override
  public void linearAttention(
      AttentionInput input, List<PlacedRows> documents, FeatureMap features, Matrix context) {
    timed(Part.ATTENTION, () -> device.linearAttention(input, documents, features, context));
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public TileShape tiles() {
    return device.tiles();
  }

  @Override
  public Matrix allocate(int rows, int columns) {
    return device.allocate(rows, columns);
  }

  @Override
  public Matrix upload(float[] rowMajor, int rows, int columns) {
    return device.upload(rowMajor, rows, columns);
  }

  @Override
  public float[] download(Matrix matrix, int firstRow, int lastRow) {
    return device.download(matrix, firstRow, lastRow);
  }

  @Override
  public Linear linear(float[] weight, float[] bias, int inputs, int outputs) {
    return device.linear(weight, bias, inputs, outputs);
  }

  @Override
  public Norm norm(float[] scale, float[] shift, float epsilon) {
    return device.norm(scale, shift, epsilon);
  }

  @Override
  public Table table(float[] rowMajor, int rows, int columns) {
    return device.table(rowMajor, rows, columns);
  }

  @Override
  public void embed(Table[] tables, int[][] indices, Matrix out) {
    device.embed(tables, indices, out);
  }

  @Override
  public void add(Matrix inOut, Matrix other) {
    device.add(inOut, other);
  }

  @Override
  public void copyRows(Matrix from, int[] fromRows, Matrix to, int[] toRows) {
    device.copyRows(from, fromRows, to, toRows);
  }

  @Override
  public Matrix join(Matrix left, Matrix right) {
    return device.join(left, right);
  }

  @Override
  public Rotation rotation(double theta, int headDim) {
    return device.rotation(theta, headDim);
  }

  @Override
  public void rotate(
      AttentionInput.View inOut,
      int heads,
      Rotation rotation,
      int firstRow,
      int tokens,
      int firstPosition) {
    device.rotate(inOut, heads, rotation, firstRow, tokens, firstPosition);
  }

  @Override
  public void close() {
    device.close();
  }
}
