package io.longreach.udfs.hadoop;

import io.longreach.encoders.checkpoint.CheckpointException;
import io.longreach.encoders.checkpoint.CheckpointFolder;
import io.longreach.encoders.checkpoint.FolderOpener;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;

/** Opens checkpoints under {@code hdfs:}, {@code s3a:} and whatever else Hadoop is set up for. */
public final class HadoopFolderOpener implements FolderOpener {

  @Override
  public Optional<CheckpointFolder> open(URI folder) {
    Path path = new Path(folder);
    try {
      FileSystem files = path.getFileSystem(configuration());
      return Optional.of(new HadoopFolder(folder.toString(), files, path));
    } catch (UnsupportedFileSystemException e) {
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      throw new CheckpointException(
          "model " + folder + " could not be opened: " + e + ": check the file system's settings",
          e);
    }
  }

  /** With the session's {@code spark.hadoop} settings, on the driver and on executors. */
  private static Configuration configuration() {
    SparkEnv environment = SparkEnv.get();
    return environment == null
        ? new Configuration()
        : SparkHadoopUtil.get().newConfiguration(environment.conf());
  }
}
