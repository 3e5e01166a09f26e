package io.longreach.job;

/** What the process tells its caller. */
public final class ExitStatus {
  /** All done. */
  public static final int DONE = 0;

  /** The job failed. */
  public static final int FAILED = 1;

  /** The command or its input is wrong; nothing was started. */
  public static final int USAGE = 2;

  /** Done, but some documents have an error instead of an embedding. */
  public static final int DONE_WITH_FAILURES = 3;

  private ExitStatus() {}
}
