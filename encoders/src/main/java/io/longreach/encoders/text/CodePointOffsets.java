package io.longreach.encoders.text;

/** Code point indices, which the library counts in, to UTF-16 indices, which Java counts in. */
final class CodePointOffsets {
  /** {@code null} when every character is one char. */
  private final int[] chars;

  private CodePointOffsets(int[] chars) {
    this.chars = chars;
  }

  static CodePointOffsets of(String text) {
    int points = text.codePointCount(0, text.length());
    if (points == text.length()) {
      return new CodePointOffsets(null);
    }
    int[] chars = new int[points + 1];
    for (int point = 0, at = 0; point < points; point++) {
      chars[point] = at;
      at += Character.charCount(text.codePointAt(at));
    }
    chars[points] = text.length();
    return new CodePointOffsets(chars);
  }

  int charOf(int codePoint) {
    return chars == null ? codePoint : chars[codePoint];
  }
}
