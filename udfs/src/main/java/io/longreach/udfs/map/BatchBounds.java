package io.longreach.udfs.map;

import java.io.Serializable;
import org.apache.spark.sql.internal.SQLConf;

/** A batch ends with the row that reaches one of them. */
record BatchBounds(int rows, long bytes) implements Serializable {

  /** Spark's own: {@code spark.sql.execution.arrow.maxRecordsPerBatch, maxBytesPerBatch}. */
  static BatchBounds of(SQLConf conf) {
    int rows = conf.arrowMaxRecordsPerBatch();
    long bytes = conf.arrowMaxBytesPerBatch();
    return new BatchBounds(
        rows <= 0 ? Integer.MAX_VALUE : rows, bytes <= 0 ? Integer.MAX_VALUE : bytes);
  }
}
