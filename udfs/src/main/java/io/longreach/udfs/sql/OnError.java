package io.longreach.udfs.sql;

/** What becomes of a row that cannot be embedded. */
public enum OnError {
  /** The query fails with the row's reason. */
  FAIL,
  /** NULL. */
  NULL,
  /** A struct of {@code result} and {@code error} stands in place of every result. */
  COLUMN
}
