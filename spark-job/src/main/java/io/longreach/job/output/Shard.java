package io.longreach.job.output;

import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;

/** Writes the rows of one partition as files of its own. */
interface Shard extends Serializable {
  /**
   * Writes files that begin with a name.
   *
   * @param base path and name without extension
   * @param rows with named columns
   * @param count how many they are
   */
  void write(FileSystem fileSystem, Path base, Iterator<Row> rows, long count) throws IOException;
}
