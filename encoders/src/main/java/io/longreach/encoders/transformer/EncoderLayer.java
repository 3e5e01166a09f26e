package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Activation;
import io.longreach.kernels.device.Device;
import io.longreach.kernels.device.Matrix;

/**
 * One layer.
 *
 * @param attentionNorm before or behind the attention as {@link Residuals} says; null for none
 * @param output the projection behind the attention
 */
public record EncoderLayer(
    AttentionLayer attention,
    Device.Linear output,
    Device.Norm attentionNorm,
    Device.FeedForward feedForward,
    Device.Norm feedForwardNorm) {

  /** What follows the attention where norms stand behind; the result is {@code hidden}. */
  void postNorm(Device device, Matrix context, Matrix hidden, Matrix branch) {
    device.linear(context, output, Activation.NONE, branch);
    device.addNorm(branch, hidden, attentionNorm, hidden);
    device.feedForward(hidden, feedForward, branch);
    device.addNorm(branch, hidden, feedForwardNorm, hidden);
  }

  /** What follows the attention where norms stand before; the results are both streams. */
  void preNorm(
      Device device, Matrix context, Matrix attentionStream, Matrix hidden, Matrix branch) {
    device.linear(context, output, Activation.NONE, branch);
    device.add(attentionStream, branch);
    device.addNorm(attentionStream, null, feedForwardNorm, branch);
    device.feedForward(branch, feedForward, branch);
    device.add(hidden, branch);
  }
}
