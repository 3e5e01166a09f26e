package io.longreach.encoders.verify;

import java.util.Locale;

/**
 * What one case came to on one engine.
 *
 * @param name folder of the case, from the directory that was searched
 * @param device the engine's name
 * @param maxAbsError largest difference from the published output; NaN if there is none
 * @param bound what it may be at most
 * @param problem why there is no difference to speak of, or null
 */
public record CaseResult(
    String name, String device, double maxAbsError, double bound, String problem) {

  /** Whether the case was computed, and is within its bound. */
  public boolean passed() {
    return problem == null && maxAbsError <= bound;
  }

  /** One line: verdict, error, bound, device, case, problem. */
  @Override
  public String toString() {
    String verdict = passed() ? "pass" : "FAIL";
    String error = problem == null ? String.format(Locale.ROOT, "%.1e", maxAbsError) : "-";
    String line = String.format(Locale.ROOT, "%s  %7s  %s  %s", verdict, error, name, device);
    return problem == null ? line : line + ": " + problem;
  }
}
