package io.longreach.job.embed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.lib.output.FileOutputCommitter;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The embeddings in an output folder, and what keeps them whole when a run dies at any moment.
 *
 * <p>A task's file appears by one rename when the task commits, under a name that a repeated task
 * gives again: a finished task is never lost and never doubled. Rows that no longer hold are
 * removed by writing the files that have them anew, in three steps that each can be repeated: write
 * the new files aside, name the old ones in a list, then delete the old and move the new.
 */
final class OutputTable {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  static final String NOTES = "_longreach";
  private static final String JOB = NOTES + "/job.json";
  private static final String NEXT_JOB = NOTES + "/job.json.next";
  private static final String SUCCESS = "_SUCCESS";
  private static final String REWRITE = "_rewrite-";
  private static final String REPLACED = "_replaced";

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final Path folder;
  private final FileSystem fileSystem;
  private final RunLease lease;

  OutputTable(SparkSession spark, String output) throws IOException {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.folder = new Path(output);
    this.fileSystem = folder.getFileSystem(context.hadoopConfiguration());
    this.lease = new RunLease(fileSystem.makeQualified(new Path(folder, NOTES)));
  }

  /**
   * Notes what the output is made of, before anything is written to it. The note is replaced in
   * steps of which none leaves the output without a whole one.
   */
  void begin(String input, String configuration) throws IOException {
    lease.take(fileSystem);
    fileSystem.delete(new Path(folder, SUCCESS), false);
    if (begun().equals(Optional.of(List.of(input, configuration)))) {
      return;
    }
    Path next = new Path(folder, NEXT_JOB);
    try (OutputStream out = fileSystem.create(next, true)) {
      out.write(
          MAPPER
              .createObjectNode()
              .put("input", input)
              .put("configuration", configuration)
              .toString()
              .getBytes(StandardCharsets.UTF_8));
    }
    Path job = new Path(folder, JOB);
    fileSystem.delete(job, false);
    rename(next, job);
  }

  /** What {@link #begin} noted, as (input, configuration). */
  Optional<List<String>> begun() throws IOException {
    Path job = new Path(folder, JOB);
    if (fileSystem.exists(job)) {
      return Optional.of(note(job));
    }
    // Whole if a run died between deleting the old note and moving this one; or its very first try.
    Path next = new Path(folder, NEXT_JOB);
    if (!fileSystem.exists(next)) {
      return Optional.empty();
    }
    try {
      return Optional.of(note(next));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private List<String> note(Path file) throws IOException {
    try (InputStream in = fileSystem.open(file)) {
      JsonNode note = MAPPER.readTree(in);
      if (!note.hasNonNull("input") || !note.hasNonNull("configuration")) {
        throw new IOException(file + " is torn: delete it to go on");
      }
      return List.of(note.get("input").asText(), note.get("configuration").asText());
    }
  }

  /** Marks the output complete, as Spark itself would. */
  void succeed() throws IOException {
    lease.requireHeld(context.hadoopConfiguration());
    fileSystem.create(new Path(folder, SUCCESS), true).close();
  }

  void delete() throws IOException {
    fileSystem.delete(folder, true);
  }

  Dataset<Row> rows() {
    return spark.read().schema(EmbedTask.SCHEMA).parquet(folder.toString());
  }

  /** Appends; every task commits on its own, as long as this run has the lease. */
  void append(JavaRDD<Row> rows) {
    JavaRDD<Row> checked =
        rows.mapPartitions(
            lease.check(
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()))));
    spark
        .createDataFrame(checked, EmbedTask.SCHEMA)
        .write()
        .option("mapreduce.fileoutputcommitter.algorithm.version", "2")
        .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
        .mode("append")
        .parquet(folder.toString());
  }

  /** Keys of the documents that are here, sorted. */
  long[] keys() throws IOException {
    if (dataFiles(folder).isEmpty()) {
      return new long[0];
    }
    List<long[]> parts =
        rows()
            .select("doc_id", "content_hash", "configuration")
            .javaRDD()
            .mapPartitions(rows -> List.of(keys(rows)).iterator())
            .collect();
    return parts.stream().flatMapToLong(Arrays::stream).sorted().toArray();
  }

  private static long[] keys(Iterator<Row> rows) {
    long[] keys = new long[64];
    int count = 0;
    while (rows.hasNext()) {
      if (count == keys.length) {
        keys = Arrays.copyOf(keys, 2 * count);
      }
      keys[count++] = key(rows.next());
    }
    return Arrays.copyOf(keys, count);
  }

  private static long key(Row row) {
    return DocumentKeys.key(
        row.getAs("doc_id"), row.getAs("content_hash"), row.getAs("configuration"));
  }

  /**
   * Removes rows that no longer hold; rows of documents that the input does not have stay.
   *
   * @param stale which they are
   */
  void remove(StaleRows stale) throws IOException {
    List<String> affected =
        stale
            .in(
                rows()
                    .select("doc_id", "content_hash", "configuration")
                    .withColumn("file", functions.input_file_name()))
            .select("file")
            .distinct()
            .as(Encoders.STRING())
            .collectAsList();
    if (affected.isEmpty()) {
      return;
    }
    Path aside = new Path(folder, REWRITE + UUID.randomUUID());
    stale
        .notIn(spark.read().schema(EmbedTask.SCHEMA).parquet(affected.toArray(new String[0])))
        .selectExpr(EmbedTask.SCHEMA.fieldNames())
        .write()
        .parquet(aside.toString());
    Path list = new Path(aside, REPLACED);
    Path unfinished = new Path(aside, REPLACED + ".part");
    try (OutputStream out = fileSystem.create(unfinished, true)) {
      out.write((String.join("\n", affected) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    rename(unfinished, list);
    finishRewrite(aside);
  }

  /**
   * Takes over from a run that died: what its tasks have not committed they no longer can, and what
   * it had begun to write anew is ended. To be called before anybody asks what is done.
   */
  void recover() throws IOException {
    if (!fileSystem.exists(folder)) {
      return;
    }
    lease.take(fileSystem);
    fileSystem.delete(new Path(folder, FileOutputCommitter.PENDING_DIR_NAME), true);
    for (FileStatus file : fileSystem.listStatus(folder)) {
      if (file.getPath().getName().startsWith(REWRITE)) {
        finishRewrite(file.getPath());
      }
    }
  }

  /** Without its list a rewrite never happened; with it, every step can be repeated. */
  private void finishRewrite(Path aside) throws IOException {
    Path list = new Path(aside, REPLACED);
    if (fileSystem.exists(list)) {
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(fileSystem.open(list), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          fileSystem.delete(new Path(java.net.URI.create(line)), false);
        }
      }
      for (FileStatus file : dataFiles(aside)) {
        rename(file.getPath(), new Path(folder, file.getPath().getName()));
      }
    }
    fileSystem.delete(aside, true);
  }

  private void rename(Path from, Path to) throws IOException {
    if (!fileSystem.rename(from, to)) {
      throw new IOException("cannot rename " + from + " to " + to);
    }
  }

  private List<FileStatus> dataFiles(Path below) throws IOException {
    List<FileStatus> files = new ArrayList<>();
    if (fileSystem.exists(below)) {
      for (FileStatus file : fileSystem.listStatus(below)) {
        if (file.isFile() && file.getPath().getName().startsWith("part-")) {
          files.add(file);
        }
      }
    }
    return files;
  }
}
