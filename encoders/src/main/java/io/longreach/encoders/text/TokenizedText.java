package io.longreach.encoders.text;

/**
 * A text as token ids, special tokens included.
 *
 * <p><b>Shapes.</b> Every array has one entry per token. They are not copied: do not write to them.
 *
 * @param ids token ids
 * @param typeIds token type ids (segments)
 * @param special whether the tokenizer's template added the token; a special token that the text
 *     itself spells does not count
 * @param starts first char of the token in the text, in UTF-16 units like {@link String#charAt}
 * @param ends one past the last char; a special token has an empty span at the end of the text that
 *     it stands at
 */
public record TokenizedText(int[] ids, int[] typeIds, boolean[] special, int[] starts, int[] ends) {

  /** Number of tokens, special tokens included. */
  public int tokens() {
    return ids.length;
  }
}
