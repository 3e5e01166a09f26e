package io.longreach.udfs.sql;

import org.apache.spark.sql.SparkSession;

/** One local session for all tests of a JVM; it finds the functions by itself. */
public final class TestSessions {
  private TestSessions() {}

  public static SparkSession open() {
    return SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate();
  }
}
