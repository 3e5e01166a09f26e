package io.longreach.job.input;

import io.longreach.job.UsageException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.SparkSession;

/** Finds the input's files, tells their format and reads them as documents. */
public final class DocumentReader {
  private final SparkSession spark;
  private final String idColumn;
  private final String textColumn;

  public DocumentReader(SparkSession spark, String idColumn, String textColumn) {
    this.spark = spark;
    this.idColumn = idColumn;
    this.textColumn = textColumn;
  }

  /**
   * The documents of an input.
   *
   * @param input file, folder or glob
   * @throws UsageException if there are no files, their format cannot be told, or a column is
   *     missing
   */
  public JavaRDD<Document> read(String input, Optional<InputFormat> format) {
    List<String> files = files(input);
    InputFormat chosen = format.orElseGet(() -> InputFormat.ofFiles(input, files));
    return switch (chosen) {
      case TEXT -> TextFiles.read(spark, files);
      case JSONL -> new JsonLines(idColumn, textColumn).read(spark, files);
      case PARQUET, ORC, CSV, AVRO ->
          Tables.files(spark, input, chosen, files, idColumn, textColumn);
    };
  }

  /**
   * The documents of a table of the session's catalogs.
   *
   * @throws UsageException if there is no such table or a column is missing
   */
  public JavaRDD<Document> readTable(String name) {
    return Tables.named(spark, name, idColumn, textColumn);
  }

  /**
   * The documents that a SQL query selects.
   *
   * @throws UsageException if the query is wrong or a column is missing
   */
  public JavaRDD<Document> readQuery(String query) {
    return Tables.query(spark, query, idColumn, textColumn);
  }

  /**
   * Data files below an input; names that start with '_' or '.' are not data, as in all of Spark.
   */
  private List<String> files(String input) {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    try {
      Path path = new Path(input);
      FileSystem fileSystem = path.getFileSystem(conf);
      FileStatus[] roots = fileSystem.globStatus(path);
      List<String> files = new ArrayList<>();
      for (FileStatus root : roots == null ? new FileStatus[0] : roots) {
        collect(fileSystem, root, files);
      }
      if (files.isEmpty()) {
        throw new UsageException("no such file or folder, or nothing in it: '" + input + "'");
      }
      files.sort(null);
      return files;
    } catch (FileNotFoundException e) {
      throw new UsageException("no such file or folder: '" + input + "'");
    } catch (IllegalArgumentException | IOException e) {
      throw new UsageException("cannot read '" + input + "': " + e.getMessage());
    }
  }

  private static void collect(FileSystem fileSystem, FileStatus root, List<String> files)
      throws IOException {
    if (root.isFile()) {
      files.add(root.getPath().toString());
      return;
    }
    RemoteIterator<LocatedFileStatus> below = fileSystem.listFiles(root.getPath(), true);
    int prefix = root.getPath().toString().length();
    while (below.hasNext()) {
      String file = below.next().getPath().toString();
      if (!hidden(file.substring(prefix))) {
        files.add(file);
      }
    }
  }

  /** A file that we have listed, for readers that expect a glob. */
  static Path literal(String file) {
    return new Path(file.replaceAll("[\\\\{}\\[\\]*?]", "\\\\$0"));
  }

  private static boolean hidden(String relative) {
    for (String name : relative.split("/", -1)) {
      if (name.startsWith("_") || name.startsWith(".")) {
        return true;
      }
    }
    return false;
  }
}
