package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Matrix;

/** One layer over one document that passes by. */
final class LayerStream {
  private final StreamedForward forward;
  private final EncoderLayer layer;
  private final Residuals residuals;
  private final AttentionStream attention;

  /** The rows whose attention waits for keys to come. */
  private final RowQueue waiting;

  private int next;
  private Matrix globals;

  LayerStream(
      StreamedForward forward,
      EncoderLayer layer,
      Residuals residuals,
      AttentionStream attention,
      int hidden) {
    this.forward = forward;
    this.layer = layer;
    this.residuals = residuals;
    this.attention = attention;
    this.waiting = new RowQueue(forward.device(), hidden);
  }

  int[] globalTokens() {
    return attention.globalTokens();
  }

  /** Takes the input of the global tokens, before any row is fed. */
  void begin(Matrix globalTokens) {
    attention.begin(read(globalTokens));
    globals = globalTokens;
  }

  void feed(Matrix rows) {
    attention.feed(read(rows));
    waiting.append(rows, next);
  }

  /** What the attention reads. */
  private Matrix read(Matrix rows) {
    if (residuals != Residuals.PRE_NORM || layer.attentionNorm() == null) {
      return rows;
    }
    Matrix read = forward.shared("read", rows.rows(), rows.columns());
    forward.device().addNorm(rows, null, layer.attentionNorm(), read);
    return read;
  }

  /** The next rows behind the layer, to be read before the next call; null if keys are missing. */
  Matrix next() {
    int ready = attention.ready();
    if (ready == 0) {
      return null;
    }
    Matrix context = attention.context();
    int columns = waiting.matrix().columns();
    Matrix hidden = forward.shared("hidden", ready, columns);
    waiting.copy(next, hidden);
    next += ready;
    finish(context, hidden);
    return hidden;
  }

  /** The rows of the global tokens behind the layer, after all rows were fed. */
  Matrix globals() {
    finish(attention.globalContext(), globals);
    return globals;
  }

  private void finish(Matrix context, Matrix hidden) {
    Matrix branch = forward.shared("branch", hidden.rows(), hidden.columns());
    if (residuals == Residuals.POST_NORM) {
      layer.postNorm(forward.device(), context, hidden, branch);
    } else {
      layer.preNorm(forward.device(), context, hidden, hidden, branch);
    }
  }
}
