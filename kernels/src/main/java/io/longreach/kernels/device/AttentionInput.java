package io.longreach.kernels.device;

import java.util.Objects;

/**
 * The tensors of one attention call.
 *
 * <p><b>Shapes.</b> query, key, value: {@code [tokens, heads * headDim]}, head h in columns {@code
 * h * headDim .. (h + 1) * headDim - 1}. They may be column ranges of one matrix ({@code qkv}).
 *
 * @param softmaxScale multiplies query · key, usually 1 / sqrt(headDim)
 */
public record AttentionInput(
    View query, View key, View value, int heads, int headDim, float softmaxScale) {

  /** Columns {@code column .. column + heads * headDim - 1} of a matrix. */
  public record View(Matrix matrix, int column) {}

  public AttentionInput {
    Objects.requireNonNull(query, "query");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    if (heads < 1 || headDim < 1) {
      throw new IllegalArgumentException(
          "heads and headDim must be positive, were " + heads + " and " + headDim);
    }
  }
}
