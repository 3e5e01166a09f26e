package io.longreach.job.input;

import java.io.Serializable;

/**
 * A document as it was read: its bytes are not checked yet. A plain class because Kryo cannot fill
 * records.
 */
public final class Document implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String id;
  private final byte[] utf8;
  private final String error;
  private final String[] kept;

  private Document(String id, byte[] utf8, String error, String[] kept) {
    this.id = id;
    this.utf8 = utf8;
    this.error = error;
    this.kept = kept;
  }

  /** A document; {@code utf8} is null where the row has no text. */
  public static Document of(String id, byte[] utf8) {
    return new Document(id, utf8, null, new String[0]);
  }

  /** A document that could not be read. */
  public static Document failed(String id, String error) {
    return new Document(id, null, error, new String[0]);
  }

  /** The same with values of other columns, which its rows keep; null where there is none. */
  Document keeping(String[] values) {
    return new Document(id, utf8, error, values);
  }

  public String id() {
    return id;
  }

  /** The text's bytes, or null. */
  public byte[] utf8() {
    return utf8;
  }

  /** Why it could not be read, or null. */
  public String error() {
    return error;
  }

  /** The value of a column that is kept, or null. */
  public String kept(int column) {
    return column < kept.length ? kept[column] : null;
  }

  /** Bytes of text, 0 where there is none. */
  public long bytes() {
    return utf8 == null ? 0 : utf8.length;
  }
}
