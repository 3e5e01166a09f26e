package io.longreach.udfs.sql;

import io.longreach.udfs.arrow.TextRow;
import java.nio.IntBuffer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * A document as expressions give it: a text, or a struct of {@link OwnGlobalTokens} or {@link
 * SpannedText}.
 *
 * @param utf8 the text, null for NULL
 * @param globalTokens its own, null for those that the options say
 * @param spans as in {@link TextRow#spans}
 * @param error what is wrong with it, null for nothing
 */
public record DocumentValue(byte[] utf8, String globalTokens, IntBuffer spans, String error) {

  /**
   * @param value of the type of an {@link EmbedCall#text}
   */
  public static DocumentValue of(Object value, DataType type) {
    if (value == null) {
      return new DocumentValue(null, null, null, null);
    }
    if (SpannedText.is(type)) {
      InternalRow spanned = (InternalRow) value;
      DataType document = SpannedText.document(type);
      return of(spanned.get(0, document), document).with(spanned.getArray(1));
    }
    if (!(value instanceof InternalRow own)) {
      return new DocumentValue(((UTF8String) value).getBytes(), null, null, null);
    }
    String globalTokens = own.isNullAt(1) ? null : own.getUTF8String(1).toString();
    return new DocumentValue(own.getUTF8String(0).getBytes(), globalTokens, null, null);
  }

  private DocumentValue with(ArrayData bounds) {
    int[] given = new int[bounds.numElements()];
    for (int i = 0; i < given.length; i++) {
      if (bounds.isNullAt(i)) {
        String wrong = "spans must not be NULL, was number " + i / 2;
        return new DocumentValue(utf8, globalTokens, null, wrong);
      }
      given[i] = bounds.getInt(i);
    }
    return new DocumentValue(utf8, globalTokens, IntBuffer.wrap(given), null);
  }

  /** The row of a batch. */
  public <T> TextRow<T> row(T beside, long bytesBeside) {
    return new TextRow<>(beside, utf8, error, bytesBeside, globalTokens, spans);
  }
}
