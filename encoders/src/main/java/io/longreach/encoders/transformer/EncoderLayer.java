package io.longreach.encoders.transformer;

import io.longreach.kernels.device.Device;

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
    Device.Norm feedForwardNorm) {}
