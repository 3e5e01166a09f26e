package io.longreach.kernels.device;

/** What a linear layer applies to its output. */
public enum Activation {
  NONE,
  /** x · Φ(x), the erf form. */
  GELU,
  /** The tanh form with 0.044715 ({@code gelu_new}, {@code gelu_pytorch_tanh}). */
  GELU_TANH,
  RELU
}
