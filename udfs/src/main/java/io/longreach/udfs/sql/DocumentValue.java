package io.longreach.udfs.sql;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * A document as expressions give it: a text, or a struct of {@link OwnGlobalTokens}.
 *
 * @param utf8 the text, null for NULL
 * @param globalTokens its own, null for those that the options say
 */
public record DocumentValue(byte[] utf8, String globalTokens) {

  /**
   * @param value of the type of an {@link EmbedCall#text}
   */
  public static DocumentValue of(Object value) {
    if (!(value instanceof InternalRow own)) {
      return new DocumentValue(value == null ? null : ((UTF8String) value).getBytes(), null);
    }
    return new DocumentValue(
        own.getUTF8String(0).getBytes(), own.isNullAt(1) ? null : own.getUTF8String(1).toString());
  }
}
