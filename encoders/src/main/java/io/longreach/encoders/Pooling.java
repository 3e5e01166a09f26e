package io.longreach.encoders;

import io.longreach.kernels.device.RowReduction;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the states of tokens become one vector. */
public enum Pooling {
  /** What the model was made for. */
  AUTO,
  /** Mean of the tokens. */
  MEAN,
  /** State of the first token. */
  CLS,
  /** Largest value of each column. */
  MAX,
  /** State of the last token. */
  LAST,
  /** Mean of the tokens, the n-th weighted by n: later tokens have seen more in causal models. */
  WEIGHTED_MEAN;

  /** {@code auto}, {@code mean}, {@code cls}, {@code max}, {@code last}, {@code weighted_mean}. */
  public static Pooling parse(String text) {
    for (Pooling pooling : values()) {
      if (pooling.toString().equals(text)) {
        return pooling;
      }
    }
    throw new IllegalArgumentException(
        "pooling must be one of "
            + Arrays.stream(values()).map(Pooling::toString).collect(Collectors.joining(", "))
            + ", was '"
            + text
            + "': choose one of them");
  }

  /**
   * One vector from tokens {@code [firstToken, lastToken)}: pooling spans after a pass over the
   * whole document is late chunking, every span carries the document's context.
   *
   * <p><b>Source.</b> Günther et al., Late Chunking, 2024.
   */
  double[] pool(HiddenStates states, int firstToken, int lastToken) {
    if (firstToken >= lastToken) {
      throw new IllegalArgumentException(
          "a span must have a token, was [" + firstToken + ", " + lastToken + "): leave it out");
    }
    if (this == CLS || this == LAST) {
      int token = this == CLS ? firstToken : lastToken - 1;
      return asDoubles(states.rows(token, token + 1));
    }
    double[] pooled = states.reduce(firstToken, lastToken, reduction());
    double weights = weights(lastToken - firstToken);
    for (int column = 0; column < pooled.length; column++) {
      pooled[column] /= weights;
    }
    return pooled;
  }

  private RowReduction reduction() {
    return switch (this) {
      case MAX -> RowReduction.MAX;
      case WEIGHTED_MEAN -> RowReduction.WEIGHTED_SUM;
      default -> RowReduction.SUM;
    };
  }

  private double weights(int tokens) {
    return switch (this) {
      case MAX -> 1;
      case WEIGHTED_MEAN -> tokens * (tokens + 1.0) / 2;
      default -> tokens;
    };
  }

  private static double[] asDoubles(float[] row) {
    double[] doubles = new double[row.length];
    for (int i = 0; i < row.length; i++) {
      doubles[i] = row[i];
    }
    return doubles;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
