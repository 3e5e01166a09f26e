package io.longreach.udfs.arrow;

import java.nio.IntBuffer;

/**
 * A row to embed.
 *
 * @param row what travels beside the text and comes back with its result
 * @param utf8 the text, not yet checked; null where there is none
 * @param error why the row cannot be embedded, null if it can
 * @param bytesBeside memory that {@code row} takes while it waits
 * @param globalTokens of the document, in their text form; null for those that the options say
 * @param spans stretches of the text that are asked for, in UTF-16 units: the start and the end of
 *     each, one behind the other; null for none
 */
public record TextRow<T>(
    T row, byte[] utf8, String error, long bytesBeside, String globalTokens, IntBuffer spans) {

  /** Without spans. */
  public TextRow(T row, byte[] utf8, String error, long bytesBeside, String globalTokens) {
    this(row, utf8, error, bytesBeside, globalTokens, null);
  }

  /** With the global tokens that the options say. */
  public TextRow(T row, byte[] utf8, String error, long bytesBeside) {
    this(row, utf8, error, bytesBeside, null);
  }

  /** With nothing of account beside the text. */
  public TextRow(T row, byte[] utf8, String error) {
    this(row, utf8, error, 0);
  }
}
