package io.longreach.udfs.hadoop;

import io.longreach.encoders.checkpoint.CheckpointFolder;
import io.longreach.encoders.checkpoint.LocalFolder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A folder of a Hadoop file system. A file is copied to this machine when it is first read, since
 * weights are read twice (hashed and packed) and in parts, and then memory-mapped like a local one.
 */
final class HadoopFolder implements CheckpointFolder {
  private final String name;
  private final FileSystem files;
  private final Path path;
  private final Map<String, LocalFolder> copies = new HashMap<>();

  HadoopFolder(String name, FileSystem files, Path path) {
    this.name = name;
    this.files = files;
    this.path = path;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public OptionalLong bytes(String file) throws IOException {
    try {
      FileStatus status = files.getFileStatus(new Path(path, file));
      return status.isFile() ? OptionalLong.of(status.getLen()) : OptionalLong.empty();
    } catch (FileNotFoundException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public ByteBuffer slice(String file, long offset, int bytes) throws IOException {
    return copy(file).slice("copy", offset, bytes);
  }

  private synchronized LocalFolder copy(String file) throws IOException {
    LocalFolder copy = copies.get(file);
    if (copy == null) {
      java.nio.file.Path folder = Files.createTempDirectory("longreach-model");
      java.nio.file.Path to = folder.resolve("copy");
      folder.toFile().deleteOnExit();
      to.toFile().deleteOnExit();
      try (FSDataInputStream in = files.open(new Path(path, file))) {
        Files.copy(in, to);
      }
      copy = LocalFolder.of(folder);
      copies.put(file, copy);
    }
    return copy;
  }
}
