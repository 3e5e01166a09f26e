package io.longreach.udfs.arrow;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Checks of texts before they are embedded, and the words for what is wrong with them. */
final class Texts {

  private Texts() {}

  /**
   * Decodes UTF-8 without replacing anything.
   *
   * @throws IllegalArgumentException naming the first byte that is not UTF-8
   */
  static String decode(byte[] utf8) {
    ByteBuffer in = ByteBuffer.wrap(utf8);
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(in)
              .toString();
      if (text.isBlank()) {
        throw new IllegalArgumentException("text is empty");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "text is not valid UTF-8 at byte " + in.position() + ": convert it to UTF-8", e);
    }
  }

  /**
   * @throws IllegalArgumentException for the first of the {@link TextRow#spans} that is none
   */
  static void requireWithin(String text, IntBuffer spans) {
    for (int i = 0; i < spans.limit(); i += 2) {
      int start = spans.get(i);
      int end = spans.get(i + 1);
      if (start < 0 || start >= end || end > text.length()) {
        throw new IllegalArgumentException(
            String.format(
                "spans must lie within the text, 0 <= start < end <= %d, was [%d, %d): count UTF-16"
                    + " units",
                text.length(), start, end));
      }
    }
  }

  /** A failure in words. */
  static String reason(RuntimeException failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }
}
