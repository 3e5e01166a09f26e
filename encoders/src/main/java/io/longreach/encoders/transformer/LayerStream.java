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

  void feed(Matrix rows) {
    Matrix read = rows;
    if (residuals == Residuals.PRE_NORM && layer.attentionNorm() != null) {
      read = forward.shared("read", rows.rows(), rows.columns());
      forward.device().addNorm(rows, null, layer.attentionNorm(), read);
    }
    attention.feed(read);
    waiting.append(rows, next);
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
    Matrix branch = forward.shared("branch", ready, columns);
    if (residuals == Residuals.POST_NORM) {
      layer.postNorm(forward.device(), context, hidden, branch);
    } else {
      layer.preNorm(forward.device(), context, hidden, hidden, branch);
    }
    return hidden;
  }
}
