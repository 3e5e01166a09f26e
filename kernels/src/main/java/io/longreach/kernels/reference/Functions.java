package io.longreach.kernels.reference;

import io.longreach.kernels.device.Activation;

/** Elementary functions in double precision. */
public final class Functions {
  private static final int ERF_TERMS = 60;

  private Functions() {}

  /** The activation of a linear layer. */
  public static double activate(Activation activation, double x) {
    return switch (activation) {
      case NONE -> x;
      case GELU -> 0.5 * x * (1 + erf(x / Math.sqrt(2)));
      case GELU_TANH ->
          0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case RELU -> Math.max(0, x);
    };
  }

  /**
   * The error function, absolute error below 1e-15.
   *
   * <p><b>Source.</b> Abramowitz and Stegun, Handbook of Mathematical Functions: series 7.1.6
   * within 3, continued fraction 7.1.14 beyond.
   */
  public static double erf(double x) {
    double size = Math.abs(x);
    if (size > 6) {
      return Math.signum(x);
    }
    return Math.copySign(size < 3 ? series(size) : 1 - fraction(size), x);
  }

  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < ERF_TERMS; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  private static double fraction(double x) {
    double tail = x;
    for (int n = ERF_TERMS; n > 0; n--) {
      tail = x + n / 2.0 / tail;
    }
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
  }
}
