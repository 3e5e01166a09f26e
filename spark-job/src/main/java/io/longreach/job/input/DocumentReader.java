package io.longreach.job.input;

import io.longreach.job.UsageException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** Finds the input's files, tells their format and reads them as documents. */
public final class DocumentReader {
  private final SparkSession spark;
  private final DocumentSource source;

  public DocumentReader(SparkSession spark, DocumentSource source) {
    this.spark = spark;
    this.source = source;
  }

  /**
   * The documents of the source.
   *
   * @throws UsageException if there are no files, their format cannot be told, the table or query
   *     cannot be read, or a column is missing
   */
  public JavaRDD<Document> read() {
    return switch (source.kind()) {
      case FILES -> readFiles();
      case TABLE -> Tables.named(spark, source);
      case QUERY -> Tables.query(spark, source);
    };
  }

  private JavaRDD<Document> readFiles() {
    List<FileStatus> found = files(source.input());
    List<String> all = found.stream().map(file -> file.getPath().toString()).toList();
    InputFormat chosen = source.format().orElseGet(() -> InputFormat.ofFiles(source.input(), all));
    long since =
        source
            .since()
            .filter(asked -> asked.column().isEmpty())
            .map(asked -> asked.time().toEpochMilli())
            .orElse(Long.MIN_VALUE);
    List<String> files =
        found.stream()
            .filter(file -> file.getModificationTime() >= since)
            .map(file -> file.getPath().toString())
            .toList();
    if (files.isEmpty()) {
      return JavaSparkContext.fromSparkContext(spark.sparkContext()).emptyRDD();
    }
    return switch (chosen) {
      case TEXT -> TextFiles.read(spark, source, all, files);
      case JSONL -> new JsonLines(source).read(spark, files);
      case PARQUET, ORC, CSV, AVRO -> Tables.files(spark, source, chosen, files);
    };
  }

  /**
   * Data files below an input; names that start with '_' or '.' are not data, as in all of Spark.
   */
  private List<FileStatus> files(String input) {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    try {
      Path path = new Path(input);
      FileSystem fileSystem = path.getFileSystem(conf);
      FileStatus[] roots = fileSystem.globStatus(path);
      List<FileStatus> files = new ArrayList<>();
      for (FileStatus root : roots == null ? new FileStatus[0] : roots) {
        collect(fileSystem, root, files);
      }
      if (files.isEmpty()) {
        throw new UsageException("no such file or folder, or nothing in it: '" + input + "'");
      }
      files.sort(Comparator.comparing(file -> file.getPath().toString()));
      return files;
    } catch (FileNotFoundException e) {
      throw new UsageException("no such file or folder: '" + input + "'");
    } catch (IllegalArgumentException | IOException e) {
      throw new UsageException("cannot read '" + input + "': " + e.getMessage());
    }
  }

  private static void collect(FileSystem fileSystem, FileStatus root, List<FileStatus> files)
      throws IOException {
    if (root.isFile()) {
      files.add(root);
      return;
    }
    RemoteIterator<LocatedFileStatus> below = fileSystem.listFiles(root.getPath(), true);
    int prefix = root.getPath().toString().length();
    while (below.hasNext()) {
      LocatedFileStatus file = below.next();
      if (!hidden(file.getPath().toString().substring(prefix))) {
        files.add(file);
      }
    }
  }

  /** A file that we have listed, for readers that expect a glob. */
  public static Path literal(String file) {
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
