package io.longreach.job.input;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32C;

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
  private final String globalTokens;

  private Document(String id, byte[] utf8, String error, String[] kept, String globalTokens) {
    this.id = id;
    this.utf8 = utf8;
    this.error = error;
    this.kept = kept;
    this.globalTokens = globalTokens;
  }

  /** A document; {@code utf8} is null where the row has no text. */
  public static Document of(String id, byte[] utf8) {
    return new Document(id, utf8, null, new String[0], null);
  }

  /**
   * A document without a name: named by its text, because its place may be another the next time
   * that the input is read.
   */
  static Document unnamed(byte[] utf8) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] hash = sha256.digest(utf8 == null ? new byte[0] : utf8);
      return of("unnamed-" + HexFormat.of().formatHex(hash, 0, 8), utf8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A document that could not be read. */
  public static Document failed(String id, String error) {
    return new Document(id, null, error, new String[0], null);
  }

  /** The same with values of other columns, which its rows keep; null where there is none. */
  Document keeping(String[] values) {
    return new Document(id, utf8, error, values, globalTokens);
  }

  /** The same with global tokens of its own, in their text form; null for those of the options. */
  Document withGlobalTokens(String own) {
    return new Document(id, utf8, error, kept, own);
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

  /** Its own global tokens in their text form, or null for those that the options say. */
  public String globalTokens() {
    return globalTokens;
  }

  /** Hash of name and text: the same wherever, and however often, the document is read. */
  public long hash() {
    long both = crc(id.getBytes(StandardCharsets.UTF_8)) << 32 | (utf8 == null ? 0 : crc(utf8));
    // SplitMix64's last step: all bits depend on all bits.
    both = (both ^ both >>> 30) * 0xBF58476D1CE4E5B9L;
    both = (both ^ both >>> 27) * 0x94D049BB133111EBL;
    return both ^ both >>> 31;
  }

  private static long crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return crc.getValue();
  }

  /** Bytes of text, 0 where there is none. */
  public long bytes() {
    return utf8 == null ? 0 : utf8.length;
  }
}
