package io.longreach.encoders.checkpoint;

/**
 * What is wrong with a checkpoint, in one line: the file, the tensor or setting, what was expected,
 * what was found, and the remedy. The only exception that reading a checkpoint throws.
 */
public final class CheckpointException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST = 600;

  public CheckpointException(String message) {
    super(line(message));
  }

  public CheckpointException(String message, Throwable cause) {
    super(line(message), cause);
  }

  /** Names out of broken files may hold anything, and any amount of it. */
  private static String line(String message) {
    String line = message.replaceAll("\\p{Cntrl}+", " ");
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
  }
}
