package io.longreach.encoders.text;

/** Text that the native library can decode. */
final class WellFormed {
  private static final char REPLACEMENT = '\uFFFD';

  private WellFormed() {}

  /** The text with every surrogate that lacks its partner replaced by U+FFFD, length unchanged. */
  static String utf16(String text) {
    int lone = nextLone(text, 0);
    if (lone < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text);
    for (; lone >= 0; lone = nextLone(text, lone + 1)) {
      out.setCharAt(lone, REPLACEMENT);
    }
    return out.toString();
  }

  private static int nextLone(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean paired =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!paired) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }
}
