package io.longreach.encoders.family;

import io.longreach.encoders.transformer.Document;
import io.longreach.encoders.transformer.Encoder;
import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;
import java.util.Optional;

/**
 * A checkpoint's encoder and what one must know to use it.
 *
 * @param ownTokens longest document that the model was made for
 * @param attention as it is in use
 * @param pooler the linear layer that pools the first row, where the checkpoint has one
 */
public record EncoderModel(
    Encoder encoder, int ownTokens, AttentionInUse attention, Optional<Device.Linear> pooler) {

  /** A plain text as this model reads it; padding may stand behind it. */
  public Document document(int[] ids) {
    return attention.document(ids, null);
  }

  /** Canonical text of the patterns for a document, one line whatever the layers do. */
  public String pattern(int tokens) {
    return attention.pattern(tokens);
  }

  /** {@code tanh(pooler(row))}, the pooled output of BERT and its descendants. */
  public float[] pooled(Matrix hidden, int row) {
    Device device = encoder.device();
    Device.Linear dense =
        pooler.orElseThrow(
            () ->
                new IllegalStateException(
                    "the checkpoint has no pooler: pool the hidden states instead"));
    Matrix first = device.allocate(1, hidden.columns());
    device.copyRows(hidden, new int[] {row}, first, new int[] {0});
    Matrix pooled = device.allocate(1, dense.outputs());
    device.linear(first, dense, Activation.NONE, pooled);
    float[] values = device.download(pooled, 0, 1);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.tanh(values[i]);
    }
    return values;
  }
}
