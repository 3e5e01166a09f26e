package io.longreach.encoders.verify;

/** Computes one kind of case. */
interface CaseRunner {

  /** Whether the case describes itself as this kind. */
  boolean takes(GoldenCase golden);

  /**
   * Computes the case.
   *
   * @throws RuntimeException if the case cannot be computed as described
   */
  Outcome run(GoldenCase golden, Engine engine);

  /**
   * What was computed.
   *
   * @param device that computed it, with its precision
   * @param maxAbsError largest absolute error, NaN if the result is none
   * @param bound what the error may be at most
   */
  record Outcome(String device, double maxAbsError, double bound) {}
}
