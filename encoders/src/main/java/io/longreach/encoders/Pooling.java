package io.longreach.encoders;

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

  /** Rows that are copied from the device at a time. */
  private static final int BLOCK_ROWS = 1024;

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
    double[] pooled = new double[states.columns()];
    if (this == MAX) {
      Arrays.fill(pooled, Double.NEGATIVE_INFINITY);
    }
    for (int first = firstToken; first < lastToken; first += BLOCK_ROWS) {
      int last = Math.min(lastToken, first + BLOCK_ROWS);
      add(states.rows(first, last), first - firstToken, pooled);
    }
    double weights = weights(lastToken - firstToken);
    for (int column = 0; column < pooled.length; column++) {
      pooled[column] /= weights;
    }
    return pooled;
  }

  private void add(float[] rows, int firstRow, double[] pooled) {
    for (int at = 0, row = firstRow; at < rows.length; at += pooled.length, row++) {
      double weight = this == WEIGHTED_MEAN ? row + 1.0 : 1;
      for (int column = 0; column < pooled.length; column++) {
        double value = rows[at + column];
        pooled[column] =
            this == MAX ? Math.max(pooled[column], value) : pooled[column] + weight * value;
      }
    }
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
