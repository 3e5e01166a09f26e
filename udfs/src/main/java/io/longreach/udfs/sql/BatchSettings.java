package io.longreach.udfs.sql;

import io.longreach.udfs.arrow.BatchLimits;
import java.util.List;
import org.apache.spark.sql.internal.SQLConf;

/** The settings of batches in plans, read when a statement is planned. */
public final class BatchSettings {
  private static final Setting BATCHED =
      new Setting(
          "spark.longreach.sql.batched",
          "true",
          "whether the embedding functions run in batches, `true`, or row by row, `false`",
          value -> {
            if (!value.matches("true|false")) {
              throw new IllegalArgumentException(
                  "batched must be true or false, was '" + value + "': write one of them");
            }
          });
  private static final Setting BATCH_TOKENS =
      limit("batchTokens", BatchLimits.DEFAULT.tokens(), "tokens of a batch");
  private static final Setting BATCH_BYTES =
      limit("batchBytes", BatchLimits.DEFAULT.bytes(), "bytes of a batch's texts and rows");

  static final List<Setting> ALL = List.of(BATCHED, BATCH_TOKENS, BATCH_BYTES);

  private BatchSettings() {}

  private static Setting limit(String name, long initial, String what) {
    return new Setting(
        "spark.longreach.sql." + name,
        String.valueOf(initial),
        "most " + what + "; a document beyond it is a batch of its own",
        value -> {
          if (!value.matches("[1-9]\\d{0,17}")) {
            throw new IllegalArgumentException(
                name + " must be a whole number from 1, was '" + value + "': write digits");
          }
        });
  }

  /** Whether calls are put into batches, or evaluated row by row. */
  public static boolean batched(SQLConf session) {
    return Boolean.parseBoolean(BATCHED.read(session));
  }

  public static BatchLimits limits(SQLConf session) {
    return new BatchLimits(
        Long.parseLong(BATCH_TOKENS.read(session)), Long.parseLong(BATCH_BYTES.read(session)));
  }
}
