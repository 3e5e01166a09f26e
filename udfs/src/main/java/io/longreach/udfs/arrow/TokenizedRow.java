package io.longreach.udfs.arrow;

import io.longreach.encoders.Embedder;
import org.apache.spark.TaskKilledException;

/**
 * A row whose text was checked, decoded and tokenized.
 *
 * @param source the row as it came
 * @param tokens null where there is no text or the row has failed
 * @param failure why it has failed, null where it has not
 */
record TokenizedRow<T>(TextRow<T> source, Embedder.Tokens tokens, RuntimeException failure) {

  /** Tokenizes a row; whatever goes wrong is this row's failure and nobody else's. */
  static <T> TokenizedRow<T> of(TextRow<T> row, DocumentWork<?> work) {
    if (row.error() != null) {
      return new TokenizedRow<>(row, null, new IllegalArgumentException(row.error()));
    }
    if (row.utf8() == null) {
      return new TokenizedRow<>(row, null, null);
    }
    try {
      String text = Texts.decode(row.utf8());
      if (row.spans() != null) {
        Texts.requireWithin(text, row.spans());
      }
      Embedder.Tokens tokens = work.tokenize(text);
      return new TokenizedRow<>(
          row,
          row.globalTokens() == null
              ? tokens
              : work.embedder().withGlobalTokens(tokens, row.globalTokens()),
          null);
    } catch (TaskKilledException e) {
      throw e;
    } catch (RuntimeException e) {
      return new TokenizedRow<>(row, null, e);
    } catch (OutOfMemoryError e) {
      return new TokenizedRow<>(
          row,
          null,
          new IllegalStateException(
              "out of memory at "
                  + row.utf8().length
                  + " bytes of text: give the executor more memory or split the document",
              e));
    }
  }

  byte[] utf8() {
    return source.utf8();
  }

  long bytes() {
    return source.utf8() == null ? 0 : source.utf8().length;
  }

  /** Bytes that the row takes in a batch. */
  long bytesInBatch() {
    return bytes() + source.bytesBeside();
  }

  long tokenCount() {
    return tokens == null ? 0 : tokens.ids().length;
  }
}
