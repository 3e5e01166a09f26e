package io.longreach.job.embed;

import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.input.Document;
import io.longreach.job.output.Chunking;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What makes a document done: its name, its content and the configuration it was embedded with.
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

  /** Of a document with its content and the configuration. */
  static long key(String id, String contentHash, String configuration) {
    return id(id + "\n" + contentHash + "\n" + configuration);
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
