package io.longreach.udfs.sql.plan;

/** The same of batches that leave as columns. */
class ColumnBatchLifeTest extends BatchLifeTest {
  @Override
  boolean columns() {
    return true;
  }
}
