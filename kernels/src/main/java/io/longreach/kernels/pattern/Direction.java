package io.longreach.kernels.pattern;

/** Whether a query sees later keys; for the patterns that {@link Causal} cannot wrap. */
public enum Direction {
  BIDIRECTIONAL,
  /** Only keys at or before the query: {@code causal(...)}. */
  CAUSAL;

  String wrap(String text) {
    return this == CAUSAL ? "causal(" + text + ")" : text;
  }
}
