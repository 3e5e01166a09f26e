package io.longreach.job.input;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** One document a file, named by its path below the input. */
final class TextFiles {

  private static final int PARTITIONS_PER_CORE = 4;

  private TextFiles() {}

  /**
   * Not by Spark's own {@code binaryFiles}: it takes names apart at commas and for globs, and its
   * order is not that of the names.
   *
   * @param all files of the input: documents are named by their folder, whichever of them are read
   */
  static JavaRDD<Document> read(
      SparkSession spark, DocumentSource source, List<String> all, List<String> files) {
    if (source.columns().size() > 2) {
      throw Columns.missing(source.columns().get(2), List.of("the text and the name of each file"));
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    String root = commonFolder(all);
    Broadcast<SerializableConfiguration> conf =
        context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
    int partitions = Math.min(files.size(), PARTITIONS_PER_CORE * context.defaultParallelism());
    return context
        .parallelize(files, partitions)
        .map(file -> document(file.substring(root.length()), file, conf.value().value()));
  }

  private static Document document(String id, String file, Configuration conf) {
    Path path = new Path(file);
    try (FSDataInputStream in = path.getFileSystem(conf).open(path)) {
      return Document.of(id, in.readAllBytes());
    } catch (IOException | RuntimeException e) {
      return Document.failed(id, "the file cannot be read: " + e.getMessage());
    } catch (OutOfMemoryError e) {
      return Document.failed(
          id, "the file is too large for the memory: split it, or give the executor more");
    }
  }

  /** The longest folder, with its slash, that all files are below. */
  private static String commonFolder(List<String> files) {
    String first = files.get(0);
    String last = files.get(files.size() - 1);
    int same = 0;
    // The list is sorted: what its ends share, all share.
    while (same < Math.min(first.length(), last.length())
        && first.charAt(same) == last.charAt(same)) {
      same++;
    }
    return first.substring(0, first.lastIndexOf('/', Math.min(same, first.length() - 1)) + 1);
  }
}
