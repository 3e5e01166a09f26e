package io.longreach.kernels.pattern;

/**
 * Which keys a query may see. {@link #parse} and {@link #toString} are the one text form used in
 * SQL, on the command line and in configuration; {@link PatternGrammar} describes it.
 */
public sealed interface AttentionPattern
    permits PositionalPattern, Lsh, Performer, PerLayer, PerHead {

  /** The canonical text form; {@code parse(p.toString()).equals(p)}. */
  @Override
  String toString();

  /**
   * What one head of one layer sees: choices by layer and head are made, and random choices are
   * bound to the place. Never a {@link PerLayer} or {@link PerHead}.
   *
   * @param heads number of heads of the layer
   * @throws IllegalArgumentException if the pattern names no pattern for the place
   */
  default AttentionPattern at(int layer, int head, int heads) {
    return this;
  }

  /** Whether the content decides what is seen, in some layer, by hashes of its rows. */
  default boolean hashes() {
    return false;
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException pointing at the character that could not be read
   */
  static AttentionPattern parse(String text) {
    return PatternParser.parse(text);
  }
}
