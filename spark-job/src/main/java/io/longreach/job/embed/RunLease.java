package io.longreach.job.embed;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Which run may write an output: the one whose file is there. A run takes the lease by removing the
 * files of others, and each task looks for its own run's once more before it commits. So a driver
 * or an executor that lives on unnoticed adds nothing behind the back of the run that followed.
 */
final class RunLease implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String PREFIX = "run-";

  private final String folder;
  private final String name = PREFIX + UUID.randomUUID();

  RunLease(Path folder) {
    this.folder = folder.toString();
  }

  /** Takes the lease from whichever run has it. */
  void take(FileSystem fileSystem) throws IOException {
    Path own = new Path(folder, name);
    fileSystem.create(own, true).close();
    for (FileStatus file : fileSystem.listStatus(new Path(folder))) {
      String other = file.getPath().getName();
      if (other.startsWith(PREFIX) && !other.equals(name)) {
        fileSystem.delete(file.getPath(), false);
      }
    }
  }

  /**
   * Requires that no other run has taken it.
   *
   * @throws IllegalStateException if one has
   */
  void requireHeld(Configuration conf) throws IOException {
    Path own = new Path(folder, name);
    if (!own.getFileSystem(conf).exists(own)) {
      throw new IllegalStateException(
          "another run has begun to write "
              + own.getParent().getParent()
              + ", this one adds nothing more: run one at a time");
    }
  }

  /** Rows as they come, and after the last of them, before they are committed, a look. */
  FlatMapFunction<Iterator<Row>, Row> check(Broadcast<SerializableConfiguration> conf) {
    return rows ->
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            boolean more = rows.hasNext();
            if (!more) {
              try {
                requireHeld(conf.value().value());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
            return more;
          }

          @Override
          public Row next() {
            if (!hasNext()) {
              throw new NoSuchElementException();
            }
            return rows.next();
          }
        };
  }
}
