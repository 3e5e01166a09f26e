package io.longreach.encoders.verify;

/** Computes one kind of case. */
interface CaseRunner {

  /** Whether the case describes itself as this kind. */
  boolean takes(GoldenCase golden);

  /**
   * Computes the case and returns its largest absolute error, NaN if the result is none.
   *
   * @throws RuntimeException if the case cannot be computed as described
   */
  double maxAbsError(GoldenCase golden, Engine engine);

  /** What the error may be at most. */
  double bound(GoldenCase golden, Engine engine);
}
