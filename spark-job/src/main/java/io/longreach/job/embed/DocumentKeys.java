package io.longreach.job.embed;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;

import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.input.Document;
import io.longreach.job.output.Chunking;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Column;

/**
 * What makes a document done: its name, its content, the columns it keeps, and the configuration it
 * was embedded with.
 *
 * <p>Sets of documents are sorted arrays of the first 64 bits of SHA-256, 8 bytes a document: among
 * ten million, two share one with a probability of 3e-6.
 */
final class DocumentKeys {
  private static final int HEX_DIGITS = 32;

  private DocumentKeys() {}

  /**
   * Fingerprint of everything that says what is computed. Not of the device: a run that a GPU has
   * begun may be ended by a CPU, whose vectors differ by rounding alone; each row names its device.
   *
   * @param model name and fingerprint of the open model
   */
  static String configuration(String model, EmbedderOptions options, Chunking chunking) {
    return hex(String.join(
                "\n",
                model,
                options.pattern(),
                options.positions(),
                String.valueOf(options.maxTokens()),
                options.prompt(),
                options.output().toString(),
                options.choices().toString() + (chunking.isNone() ? "" : "\n" + chunking.text()))
            .getBytes(StandardCharsets.UTF_8))
        .substring(0, HEX_DIGITS / 2);
  }

  /** Hash of a document's text, and of its own global tokens where it has some. */
  static String contentHash(Document document) {
    byte[] utf8 = document.utf8();
    String text = hex(utf8 == null ? new byte[0] : utf8);
    String own = document.globalTokens();
    String content = own == null ? text : hex((text + "\n" + own).getBytes(StandardCharsets.UTF_8));
    return content.substring(0, HEX_DIGITS);
  }

  /** Of a document in one {@link #version} of it. */
  static long key(String id, String version) {
    return id(id + "\n" + version);
  }

  /**
   * What a row holds of a document: its content and the configuration it was embedded with, and the
   * values of the columns that are kept. A task's folders appear one by one: a row in one of them
   * does not tell that a row of the same name and text is in another.
   */
  static String version(Document document, String configuration, int keptColumns) {
    StringBuilder version = new StringBuilder(contentHash(document));
    version.append('\n').append(configuration);
    for (int column = 0; column < keptColumns; column++) {
      // A folder's name does not tell null from the empty text.
      version.append('\n').append(Objects.requireNonNullElse(document.kept(column), ""));
    }
    return version.toString();
  }

  /** The same of an output's rows. */
  static Column version(List<String> keptColumns) {
    List<Column> parts = new ArrayList<>(List.of(col("content_hash"), col("configuration")));
    keptColumns.forEach(name -> parts.add(coalesce(col("`" + name + "`"), lit(""))));
    return concat_ws("\n", parts.toArray(new Column[0]));
  }

  /** Of a document's name alone. */
  static long id(String id) {
    return ByteBuffer.wrap(sha256(id.getBytes(StandardCharsets.UTF_8))).getLong();
  }

  static boolean contains(long[] sorted, long key) {
    return Arrays.binarySearch(sorted, key) >= 0;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(sha256(bytes));
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
