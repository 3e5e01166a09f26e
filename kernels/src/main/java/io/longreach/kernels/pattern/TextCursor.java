package io.longreach.kernels.pattern;

/** A place in a text that is being read, and errors that point at it. */
final class TextCursor {
  private static final char END = '\0';

  private final String text;
  private int at;

  TextCursor(String text) {
    this.text = text;
  }

  int position() {
    skipSpace();
    return at;
  }

  void backTo(int position) {
    at = position;
  }

  char peek() {
    skipSpace();
    return at < text.length() ? text.charAt(at) : END;
  }

  boolean atEnd() {
    return peek() == END && at >= text.length();
  }

  /** Takes {@code expected} if it stands here. */
  boolean take(char expected) {
    if (peek() != expected || at >= text.length()) {
      return false;
    }
    at++;
    return true;
  }

  void expect(char expected) {
    if (!take(expected)) {
      throw error(position(), "expected '" + expected + "', found " + found());
    }
  }

  /** What stands here, for messages. */
  String found() {
    return atEnd() ? "the end" : "'" + peek() + "'";
  }

  /** Letters, digits and underscores; empty if none stand here. */
  String word() {
    int start = position();
    while (at < text.length() && isWord(text.charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  private static boolean isWord(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }

  /** Everything up to one of {@code ends} outside square brackets, trimmed. */
  String until(String ends) {
    int start = position();
    int depth = 0;
    while (at < text.length() && (depth > 0 || ends.indexOf(text.charAt(at)) < 0)) {
      depth += text.charAt(at) == '[' ? 1 : text.charAt(at) == ']' ? -1 : 0;
      at++;
    }
    return text.substring(start, at).trim();
  }

  private void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  PatternFormatException error(int position, String message) {
    String line = text.replace('\n', ' ').replace('\r', ' ').replace('\t', ' ');
    return new PatternFormatException(message, line, position);
  }
}
