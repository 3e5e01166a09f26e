package io.longreach.encoders.text;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.util.Arrays;

/**
 * The special tokens that a tokenizer puts around one text, found by encoding a short one.
 *
 * @param leadTokens tokens of {@link TextTokenizer#LEAD} alone
 */
record Template(
    int[] prefixIds,
    int[] suffixIds,
    int[] prefixTypes,
    int[] suffixTypes,
    int textType,
    int leadTokens) {

  static Template probe(long handle) {
    long encoding = TokenizersLibrary.LIB.encode(handle, TextTokenizer.LEAD, true);
    try {
      int[] ids = TextTokenizer.tokenIds(encoding);
      int[] types =
          Arrays.stream(TokenizersLibrary.LIB.getTypeIds(encoding))
              .mapToInt(Math::toIntExact)
              .toArray();
      long[] special = TokenizersLibrary.LIB.getSpecialTokenMask(encoding);
      int first = 0;
      while (first < ids.length && special[first] == 1) {
        first++;
      }
      int last = ids.length;
      while (last > first && special[last - 1] == 1) {
        last--;
      }
      return new Template(
          Arrays.copyOfRange(ids, 0, first),
          Arrays.copyOfRange(ids, last, ids.length),
          Arrays.copyOfRange(types, 0, first),
          Arrays.copyOfRange(types, last, ids.length),
          first < last ? types[first] : 0,
          last - first);
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  /** Type ids of a text of {@code textTokens} with the special tokens around it. */
  int[] typeIds(int textTokens) {
    int[] types = new int[prefixTypes.length + textTokens + suffixTypes.length];
    System.arraycopy(prefixTypes, 0, types, 0, prefixTypes.length);
    Arrays.fill(types, prefixTypes.length, prefixTypes.length + textTokens, textType);
    System.arraycopy(suffixTypes, 0, types, prefixTypes.length + textTokens, suffixTypes.length);
    return types;
  }
}
