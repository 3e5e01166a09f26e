package io.longreach.job.embed;

import io.longreach.job.input.DocumentReader;
import io.longreach.job.output.OutputTarget;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The files of an output's rows, in the format that its tasks write: in the output's own folder, or
 * aside if copies of them go there.
 */
final class RowFiles {
  private final SparkSession spark;
  private final FileSystem fileSystem;
  private final OutputTarget target;
  private final Path folder;

  RowFiles(SparkSession spark, FileSystem fileSystem, OutputTarget target, Path folder) {
    this.spark = spark;
    this.fileSystem = fileSystem;
    this.target = target;
    this.folder = folder;
  }

  Path folder() {
    return folder;
  }

  /** All rows. */
  Dataset<Row> rows() {
    return read(folder.toString());
  }

  /** The rows of some files, that Spark has named by their URIs. */
  Dataset<Row> rows(List<String> uris) {
    return read(
        uris.stream()
            .map(uri -> DocumentReader.literal(new Path(URI.create(uri)).toString()).toString())
            .toArray(String[]::new));
  }

  private Dataset<Row> read(String... paths) {
    return spark
        .read()
        .format(target.format().kept().source())
        .schema(target.schema().columns())
        .option("basePath", folder.toString())
        .option("mode", "FAILFAST")
        .load(paths);
  }

  void append(Dataset<Row> rows) {
    write(rows, folder);
  }

  /** Writes rows, in the order of the columns, to a folder; each task commits on its own. */
  void write(Dataset<Row> rows, Path to) {
    List<String> partitions = target.isCopied() ? List.of() : target.schema().partitionBy();
    String[] columns =
        Stream.of(target.schema().columns().fieldNames())
            .map(column -> "`" + column + "`")
            .toArray(String[]::new);
    rows.selectExpr(columns)
        .write()
        .format(target.format().kept().source())
        .options(target.format().kept().options())
        .option("mapreduce.fileoutputcommitter.algorithm.version", "2")
        .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
        .partitionBy(partitions.toArray(new String[0]))
        .mode("append")
        .save(to.toString());
  }

  /** Names and lengths of the files. */
  String state() throws IOException {
    return list(folder).stream()
        .map(file -> file.getPath().getName() + " " + file.getLen() + "\n")
        .sorted()
        .collect(Collectors.joining());
  }

  /** Parts, in folders of partitions too; what is hidden is not data. */
  List<FileStatus> list(Path below) throws IOException {
    List<FileStatus> files = new ArrayList<>();
    if (fileSystem.exists(below)) {
      collect(below, files);
    }
    return files;
  }

  private void collect(Path below, List<FileStatus> files) throws IOException {
    for (FileStatus file : fileSystem.listStatus(below)) {
      String name = file.getPath().getName();
      if (name.startsWith("_") || name.startsWith(".")) {
        continue;
      }
      if (file.isDirectory()) {
        collect(file.getPath(), files);
      } else if (name.startsWith("part-")) {
        files.add(file);
      }
    }
  }

  /** A file's path below a folder. */
  String relative(Path above, Path file) {
    String root = fileSystem.makeQualified(above).toString();
    return file.toString().substring(root.length() + 1);
  }
}
