package io.longreach.job.embed;

import io.longreach.job.UsageException;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The folder that a job writes. Spark deletes what it replaces: this sees to it that it may. */
final class OutputFolder {
  private final Configuration conf;
  private final String output;

  OutputFolder(Configuration conf, String output) {
    this.conf = conf;
    this.output = output;
  }

  /**
   * Requires that writing destroys nothing, or nothing but an older output where that was asked
   * for.
   *
   * @throws UsageException if it would
   */
  void requireWritable(EmbedRequest.Existing existing, String input) {
    try {
      Path path = new Path(output);
      FileSystem fileSystem = path.getFileSystem(conf);
      requireApart(fileSystem.makeQualified(path), input);
      if (!fileSystem.exists(path)) {
        return;
      }
      if (existing == EmbedRequest.Existing.REFUSE && holdsAnything(fileSystem, path)) {
        throw new UsageException(
            "the output '" + output + "' exists: name another, or add --overwrite");
      }
      for (FileStatus file : fileSystem.listStatus(path)) {
        requireOurs(file, fileSystem.getFileStatus(path));
      }
    } catch (IllegalArgumentException | IOException e) {
      throw new UsageException("cannot write '" + output + "': " + e.getMessage());
    }
  }

  /** A run that died before it noted what it is about leaves at most an empty folder for notes. */
  private static boolean holdsAnything(FileSystem fileSystem, Path path) throws IOException {
    for (FileStatus file : fileSystem.listStatus(path)) {
      if (file.isFile() || !file.getPath().getName().equals(OutputTable.NOTES)) {
        return true;
      }
    }
    return false;
  }

  private void requireApart(Path written, String input) {
    for (FileStatus root : roots(input)) {
      if (within(written, root.getPath()) || within(root.getPath(), written)) {
        throw new UsageException(
            "the output '"
                + output
                + "' and the input '"
                + input
                + "' overlap: name another output");
      }
    }
  }

  private FileStatus[] roots(String input) {
    FileStatus[] none = {};
    try {
      Path glob = new Path(input);
      FileStatus[] roots = glob.getFileSystem(conf).globStatus(glob);
      return roots == null ? none : roots;
    } catch (IllegalArgumentException | IOException e) {
      // Reading the input will say so.
      return none;
    }
  }

  private static boolean within(Path inner, Path outer) {
    for (Path path = inner; path != null; path = path.getParent()) {
      if (path.equals(outer)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Spark's files are parts, its folders of partitions name a value, its marks and temporary
   * folders begin with '_', checksums with '.'.
   */
  private void requireOurs(FileStatus file, FileStatus folder) {
    String name = file.getPath().getName();
    boolean part =
        folder.isDirectory()
            && (file.isFile() ? name.startsWith("part-") : name.matches("[^=]+=.*"));
    if (!part && !name.startsWith("_") && !name.startsWith(".")) {
      throw new UsageException(
          "the output '"
              + output
              + "' holds '"
              + name
              + "', which is no output of ours: name another, or delete it yourself");
    }
  }
}
