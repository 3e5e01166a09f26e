package io.longreach.udfs.arrow;

import io.longreach.encoders.Embedder;

/**
 * A row whose text was checked, decoded and tokenized.
 *
 * @param utf8 null where there is no text
 * @param tokens null where the row has failed
 * @param error why it has failed, null where it has not
 */
record TokenizedRow<T>(T row, byte[] utf8, Embedder.Tokens tokens, String error) {

  /** Tokenizes a row; whatever goes wrong is this row's error and nobody else's. */
  static <T> TokenizedRow<T> of(TextRow<T> row, Embedder embedder) {
    if (row.error() != null) {
      return failed(row, row.error());
    }
    if (row.utf8() == null) {
      return failed(row, "text is null");
    }
    try {
      Embedder.Tokens tokens = embedder.tokenize(Texts.decode(row.utf8()));
      return new TokenizedRow<>(row.row(), row.utf8(), tokens, null);
    } catch (RuntimeException e) {
      return failed(row, Texts.reason(e));
    } catch (OutOfMemoryError e) {
      return failed(
          row,
          "out of memory at "
              + row.utf8().length
              + " bytes of text: give the executor more memory or split the document");
    }
  }

  private static <T> TokenizedRow<T> failed(TextRow<T> row, String reason) {
    return new TokenizedRow<>(row.row(), row.utf8(), null, reason);
  }

  long bytes() {
    return utf8 == null ? 0 : utf8.length;
  }

  long tokenCount() {
    return tokens == null ? 0 : tokens.ids().length;
  }
}
