package io.longreach.job.drill;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What an output holds, whatever its files: its rows in the order of {@code doc_id}, every bit.
 *
 * @param documents rows
 * @param repeated rows whose {@code doc_id} is that of the row before
 * @param sha256 of names, embeddings and token counts
 */
record OutputDigest(long documents, long repeated, String sha256) {

  static OutputDigest of(SparkSession spark, String output) {
    Iterator<Row> rows =
        spark
            .read()
            .parquet(output)
            .select("doc_id", "embedding", "tokens", "tokens_used", "content_hash", "configuration")
            .orderBy("doc_id")
            .toLocalIterator();
    MessageDigest digest = newDigest();
    long documents = 0;
    long repeated = 0;
    String last = null;
    while (rows.hasNext()) {
      Row row = rows.next();
      documents++;
      repeated += row.getString(0).equals(last) ? 1 : 0;
      last = row.getString(0);
      add(digest, row);
    }
    return new OutputDigest(documents, repeated, HexFormat.of().formatHex(digest.digest()));
  }

  private static void add(MessageDigest digest, Row row) {
    List<Float> embedding = row.getList(1);
    ByteBuffer numbers = ByteBuffer.allocate(4 * embedding.size() + 16);
    embedding.forEach(numbers::putFloat);
    numbers.putLong(row.getLong(2)).putLong(row.getLong(3));
    digest.update(numbers.array());
    for (int column : new int[] {0, 4, 5}) {
      byte[] text = row.getString(column).getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(4).putInt(text.length).array());
      digest.update(text);
    }
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The first digits, for people. */
  String shortHash() {
    return sha256.substring(0, 16);
  }
}
