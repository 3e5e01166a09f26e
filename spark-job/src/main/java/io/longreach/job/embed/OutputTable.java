package io.longreach.job.embed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longreach.job.output.Copies;
import io.longreach.job.output.OutputFormat;
import io.longreach.job.output.OutputTarget;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
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
  private static final String ROWS = NOTES + "/rows";
  private static final String COPIED = NOTES + "/copied";
  private static final String SUCCESS = "_SUCCESS";
  private static final String REWRITE = "_rewrite-";
  private static final String REPLACED = "_replaced";

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final Path folder;
  private final FileSystem fileSystem;
  private final RunLease lease;
  private final OutputTarget target;

  private final RowFiles files;

  OutputTable(SparkSession spark, OutputTarget target) throws IOException {
    this.target = target;
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.folder = new Path(target.folder());
    this.fileSystem = folder.getFileSystem(context.hadoopConfiguration());
    this.files =
        new RowFiles(
            spark, fileSystem, target, target.isCopied() ? new Path(folder, ROWS) : folder);
    this.lease = new RunLease(fileSystem.makeQualified(new Path(folder, NOTES)));
  }

  /**
   * Notes what the output is made of, before anything is written to it. The note is replaced in
   * steps of which none leaves the output without a whole one.
   */
  void begin(String input, String configuration) throws IOException {
    lease.take(fileSystem);
    fileSystem.delete(new Path(folder, SUCCESS), false);
    if (begun().equals(Optional.of(List.of(input, configuration, target.layout())))) {
      return;
    }
    Path next = new Path(folder, NEXT_JOB);
    try (OutputStream out = fileSystem.create(next, true)) {
      out.write(
          MAPPER
              .createObjectNode()
              .put("input", input)
              .put("configuration", configuration)
              .put("layout", target.layout())
              .toString()
              .getBytes(StandardCharsets.UTF_8));
    }
    Path job = new Path(folder, JOB);
    fileSystem.delete(job, false);
    rename(next, job);
  }

  /** What {@link #begin} noted, as (input, configuration, layout). */
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
      return List.of(
          note.get("input").asText(),
          note.get("configuration").asText(),
          note.path("layout").asText(OutputFormat.PARQUET.label()));
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
    return files.rows();
  }

  /** Makes the copies that the target asks for, unless they were made of just these rows. */
  void copy() throws IOException {
    if (!target.isCopied() || isCopied()) {
      return;
    }
    new Copies(spark, target).make(rows());
    try (OutputStream out = fileSystem.create(new Path(folder, COPIED), true)) {
      out.write(files.state().getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Whether there are copies of just these rows. */
  boolean isCopied() throws IOException {
    Path copied = new Path(folder, COPIED);
    if (!fileSystem.exists(copied)) {
      return false;
    }
    try (InputStream in = fileSystem.open(copied)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).equals(files.state());
    }
  }

  /** Loads what {@link #append} needs of Spark SQL, which takes the driver seconds at first. */
  void prepare() {
    spark
        .createDataFrame(List.<Row>of(), target.schema().columns())
        .queryExecution()
        .executedPlan();
  }

  /** Appends; every task commits on its own, as long as this run has the lease. */
  void append(JavaRDD<Row> rows) {
    JavaRDD<Row> checked =
        rows.mapPartitions(
            lease.check(
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()))));
    files.append(spark.createDataFrame(checked, target.schema().columns()));
  }

  /** Keys of the documents that are here, sorted, each once. */
  long[] keys() throws IOException {
    if (files.list(files.folder()).isEmpty()) {
      return new long[0];
    }
    List<long[]> parts =
        rows()
            .select(functions.col("doc_id"), DocumentKeys.version(target.schema().keptColumns()))
            .javaRDD()
            .mapPartitions(rows -> List.of(keys(rows)).iterator())
            .collect();
    return parts.stream().flatMapToLong(Arrays::stream).sorted().distinct().toArray();
  }

  private static long[] keys(Iterator<Row> rows) {
    long[] keys = new long[64];
    int count = 0;
    while (rows.hasNext()) {
      if (count == keys.length) {
        keys = Arrays.copyOf(keys, 2 * count);
      }
      Row row = rows.next();
      long key = DocumentKeys.key(row.getString(0), row.getString(1));
      // Chunks of a document come one behind the other.
      if (count == 0 || keys[count - 1] != key) {
        keys[count++] = key;
      }
    }
    return Arrays.copyOf(keys, count);
  }

  /**
   * Removes rows that no longer hold; rows of documents that the input does not have stay.
   *
   * @param stale which they are
   */
  void remove(StaleRows stale) throws IOException {
    List<String> affected =
        stale
            .in(rows().withColumn("file", functions.input_file_name()))
            .select("file")
            .distinct()
            .as(Encoders.STRING())
            .collectAsList();
    if (affected.isEmpty()) {
      return;
    }
    Path aside = new Path(folder, REWRITE + UUID.randomUUID());
    files.write(stale.notIn(files.rows(affected)), aside);
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
    fileSystem.delete(new Path(files.folder(), FileOutputCommitter.PENDING_DIR_NAME), true);
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
          fileSystem.delete(new Path(URI.create(line)), false);
        }
      }
      for (FileStatus file : files.list(aside)) {
        Path to = new Path(files.folder(), files.relative(aside, file.getPath()));
        fileSystem.mkdirs(to.getParent());
        // Moved by a run that died later: the same file, whole.
        fileSystem.delete(to, false);
        rename(file.getPath(), to);
      }
    }
    fileSystem.delete(aside, true);
  }

  private void rename(Path from, Path to) throws IOException {
    if (!fileSystem.rename(from, to)) {
      throw new IOException("cannot rename " + from + " to " + to);
    }
  }
}
