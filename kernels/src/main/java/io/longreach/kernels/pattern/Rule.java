package io.longreach.kernels.pattern;

/** Checks of pattern arguments; messages say rule, value, remedy. */
final class Rule {
  private Rule() {}

  static void atLeast(int least, String name, int value) {
    if (value < least) {
      throw new IllegalArgumentException(
          name
              + " must be at least "
              + least
              + ", was "
              + value
              + ": choose "
              + least
              + " or more");
    }
  }

  static void tokens(int tokens) {
    atLeast(1, "tokens", tokens);
  }
}
