package io.longreach.encoders.transformer;

import java.util.Arrays;

/**
 * The attention of a few global tokens over a document that passes by, in double precision on the
 * host: one online softmax for each token and head.
 *
 * <p><b>Cost.</b> {@code 4 * columns} operations for each global token and token: for one, a
 * thousandth of what a layer takes for a token.
 */
final class GlobalRows {
  private final HeadShape shape;
  private final int count;
  private final float[] queries;
  private final double[] max;
  private final double[] sum;
  private final double[] context;

  /**
   * @param queries row of token i at {@code i * stride}, longer rows allowed
   */
  GlobalRows(HeadShape shape, int count, float[] queries, int stride) {
    this.shape = shape;
    this.count = count;
    this.queries = new float[count * shape.columns()];
    for (int i = 0; i < count; i++) {
      System.arraycopy(queries, i * stride, this.queries, i * shape.columns(), shape.columns());
    }
    this.max = new double[count * shape.heads()];
    Arrays.fill(max, Double.NEGATIVE_INFINITY);
    this.sum = new double[max.length];
    this.context = new double[this.queries.length];
  }

  /**
   * Lets the tokens see more rows.
   *
   * @param rows row r has its key at {@code r * stride + key}, its value at {@code r * stride +
   *     value}
   */
  void see(float[] rows, int stride, int key, int value) {
    for (int row = 0; row < rows.length; row += stride) {
      for (int head = 0; head < count * shape.heads(); head++) {
        int query = head * shape.headDim();
        int column = query % shape.columns();
        see(head, query, rows, row + key + column, row + value + column);
      }
    }
  }

  private void see(int head, int query, float[] rows, int key, int value) {
    int headDim = shape.headDim();
    double score = 0;
    for (int d = 0; d < headDim; d++) {
      score += (double) queries[query + d] * rows[key + d];
    }
    score *= shape.softmaxScale();
    if (score > max[head]) {
      double kept = Math.exp(max[head] - score);
      max[head] = score;
      sum[head] *= kept;
      for (int d = query; d < query + headDim; d++) {
        context[d] *= kept;
      }
    }
    double weight = Math.exp(score - max[head]);
    sum[head] += weight;
    for (int d = 0; d < headDim; d++) {
      context[query + d] += weight * rows[value + d];
    }
  }

  /** {@code [count, columns]}. */
  float[] context() {
    float[] result = new float[context.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) (context[i] / sum[i / shape.headDim()]);
    }
    return result;
  }
}
