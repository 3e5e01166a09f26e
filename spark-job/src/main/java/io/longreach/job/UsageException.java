package io.longreach.job;

/** What the user asked for cannot be: one line naming the thing, its value and the remedy. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }
}
