package io.longreach.udfs.sql;

import java.nio.ByteBuffer;

/**
 * Weighted sums of vectors in pairs of doubles, a high part and what its rounding lost: about 106
 * bits, so that the order of the rows, and so the partitions, do not show in a mean of floats.
 *
 * <p><b>Source.</b> Dekker 1971; Knuth, The Art of Computer Programming 2, section 4.2.2.
 */
final class VectorSums {
  private double[] high = {};
  private double[] low = {};
  private double weightHigh;
  private double weightLow;
  private long rows;

  /**
   * @throws IllegalArgumentException if the vector's length or the weight does not fit
   */
  void add(double[] vector, double weight) {
    if (!(weight >= 0) || Double.isInfinite(weight)) {
      throw new IllegalArgumentException(
          "weight must be a number from 0 on, was " + weight + ": leave the row out");
    }
    requireLength(vector.length);
    for (int i = 0; i < vector.length; i++) {
      double product = vector[i] * weight;
      add(i, product, Math.fma(vector[i], weight, -product));
    }
    addWeight(weight, 0);
    rows++;
  }

  void add(VectorSums other) {
    if (other.rows == 0) {
      return;
    }
    requireLength(other.high.length);
    for (int i = 0; i < high.length; i++) {
      add(i, other.high[i], other.low[i]);
    }
    addWeight(other.weightHigh, other.weightLow);
    rows += other.rows;
  }

  /** Null where there is no row, or all weights are 0. */
  double[] mean() {
    if (weightHigh == 0) {
      return null;
    }
    double[] mean = new double[high.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = high[i] / weightHigh;
    }
    return mean;
  }

  private void requireLength(int length) {
    if (rows == 0) {
      high = new double[length];
      low = new double[length];
    } else if (high.length != length) {
      throw new IllegalArgumentException(
          String.format(
              "mean_embedding needs vectors of one length, had %d and %d: use one model for all",
              high.length, length));
    }
  }

  private void add(int index, double value, double lost) {
    double sum = high[index] + value;
    double rest = low[index] + lost + rounding(high[index], value, sum);
    high[index] = sum + rest;
    low[index] = rest - (high[index] - sum);
  }

  private void addWeight(double value, double lost) {
    double sum = weightHigh + value;
    double rest = weightLow + lost + rounding(weightHigh, value, sum);
    weightHigh = sum + rest;
    weightLow = rest - (weightHigh - sum);
  }

  /** What {@code a + b} has lost, exactly. */
  private static double rounding(double a, double b, double sum) {
    double bRounded = sum - a;
    return (a - (sum - bRounded)) + (b - bRounded);
  }

  byte[] bytes() {
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES + (2 + 2 * high.length) * Double.BYTES);
    bytes.putLong(rows).putInt(high.length).putDouble(weightHigh).putDouble(weightLow);
    for (int i = 0; i < high.length; i++) {
      bytes.putDouble(high[i]).putDouble(low[i]);
    }
    return bytes.array();
  }

  static VectorSums of(byte[] written) {
    ByteBuffer bytes = ByteBuffer.wrap(written);
    VectorSums sums = new VectorSums();
    sums.rows = bytes.getLong();
    int length = bytes.getInt();
    sums.weightHigh = bytes.getDouble();
    sums.weightLow = bytes.getDouble();
    sums.high = new double[length];
    sums.low = new double[length];
    for (int i = 0; i < length; i++) {
      sums.high[i] = bytes.getDouble();
      sums.low[i] = bytes.getDouble();
    }
    return sums;
  }
}
