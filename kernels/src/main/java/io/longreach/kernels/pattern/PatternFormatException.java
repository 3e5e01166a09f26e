package io.longreach.kernels.pattern;

/** A pattern text that cannot be read; the message shows the text with a caret at the place. */
public final class PatternFormatException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int position;

  PatternFormatException(String message, String text, int position) {
    super(message + "\n  " + text + "\n  " + " ".repeat(position) + "^");
    this.position = position;
  }

  /** Where in the text, in characters from 0. */
  public int position() {
    return position;
  }
}
