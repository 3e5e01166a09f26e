package io.longreach.kernels.pattern;

/**
 * Which keys a query may see. {@link #parse} and {@link #toString} are the one text form used in
 * SQL, on the command line and in configuration.
 */
public sealed interface AttentionPattern permits PositionalPattern {

  /** The canonical text form; {@code parse(p.toString()).equals(p)}. */
  @Override
  String toString();

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException pointing at the character that could not be read
   */
  static AttentionPattern parse(String text) {
    return PatternParser.parse(text);
  }
}
