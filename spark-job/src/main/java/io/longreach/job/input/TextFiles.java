package io.longreach.job.input;

import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.input.PortableDataStream;
import org.apache.spark.sql.SparkSession;

/** One document a file, named by its path below the input. */
final class TextFiles {

  private TextFiles() {}

  static JavaRDD<Document> read(SparkSession spark, String input, List<String> files) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    String root = commonFolder(files);
    return context
        .binaryFiles(String.join(",", files))
        .map(file -> document(root, file._1(), file._2()));
  }

  private static Document document(String root, String path, PortableDataStream file) {
    String full = new Path(path).toString();
    String id = full.startsWith(root) ? full.substring(root.length()) : full;
    try {
      return Document.of(id, file.toArray());
    } catch (RuntimeException e) {
      return Document.failed(id, "the file cannot be read: " + e.getMessage());
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
