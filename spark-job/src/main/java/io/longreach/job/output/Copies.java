package io.longreach.job.output;

import io.longreach.job.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.DataSource;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Copies of finished rows, in formats that cannot be written a task at a time: shards of Arrow or
 * NumPy, or a table in one transaction. Can be repeated at any time: it replaces what it made.
 */
public final class Copies {
  private static final String ASIDE = "_copy-";

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final OutputTarget target;

  public Copies(SparkSession spark, OutputTarget target) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.target = target;
  }

  /** Makes the copies that the target asks for. */
  public void make(Dataset<Row> rows) throws IOException {
    switch (target.format()) {
      case ARROW -> shards(rows, new ArrowShard());
      case NPY -> shards(rows, new NpyShard());
      default -> {
        if (target.table().isPresent()) {
          table(rows, target.table().get());
        } else if (!target.format().isDirect()) {
          writer(rows).mode("overwrite").save(target.folder());
        }
      }
    }
  }

  /** What would stop a copy, said before anything is embedded. */
  public void check() {
    if (target.table().isPresent()
        && target.tableMode() == OutputTarget.TableMode.CREATE
        && spark.catalog().tableExists(target.table().get())) {
      throw new UsageException(
          "the table '"
              + target.table().get()
              + "' exists: name another, or add --table-mode append or overwrite");
    }
  }

  /** Looks for the library of a format that Spark has only with it, before anything is embedded. */
  public static void requireLibrary(SparkSession spark, OutputFormat format) {
    if (format == OutputFormat.AVRO
        || format == OutputFormat.DELTA
        || format == OutputFormat.ICEBERG) {
      try {
        DataSource.lookupDataSource(format.label(), spark.sessionState().conf());
      } catch (Exception e) {
        // Spark's is checked, and undeclared.
        throw new UsageException(
            "--output-format "
                + format.label()
                + " needs its library: add it with spark-submit --packages");
      }
      requireOpenKryo(spark.sparkContext().getConf(), format);
    }
  }

  /** Classes of these libraries travel when their tasks commit, and are not ours to register. */
  private static void requireOpenKryo(SparkConf conf, OutputFormat format) {
    if (format != OutputFormat.AVRO && conf.getBoolean("spark.kryo.registrationRequired", false)) {
      throw new UsageException(
          "spark.kryo.registrationRequired must be false for --output-format "
              + format.label()
              + ", was true: set it, as classes of that library are not registered");
    }
  }

  private DataFrameWriter<Row> writer(Dataset<Row> rows) {
    return rows.write()
        .format(target.format().isDirect() ? target.format().source() : target.format().label())
        .options(target.format().options())
        .partitionBy(target.schema().partitionBy().toArray(new String[0]));
  }

  /** Rows that the table has already are not appended again. */
  private void table(Dataset<Row> rows, String name) {
    switch (target.tableMode()) {
      case CREATE -> writer(rows).mode("error").saveAsTable(name);
      case OVERWRITE -> writer(rows).mode("overwrite").saveAsTable(name);
      case APPEND -> {
        Dataset<Row> fresh = rows;
        if (spark.catalog().tableExists(name)) {
          Dataset<Row> there =
              spark.table(name).select("doc_id", "content_hash", "configuration").distinct();
          Column same =
              rows.col("doc_id")
                  .equalTo(there.col("doc_id"))
                  .and(rows.col("content_hash").equalTo(there.col("content_hash")))
                  .and(rows.col("configuration").equalTo(there.col("configuration")));
          fresh = rows.join(there.hint("merge"), same, "left_anti");
        }
        writer(fresh).mode("append").saveAsTable(name);
      }
    }
  }

  private void shards(Dataset<Row> rows, Shard shard) throws IOException {
    Path folder = new Path(target.folder());
    FileSystem fileSystem = folder.getFileSystem(context.hadoopConfiguration());
    for (FileStatus old : fileSystem.listStatus(folder)) {
      if (old.getPath().getName().startsWith(ASIDE)) {
        fileSystem.delete(old.getPath(), true);
      }
    }
    String aside = new Path(folder, ASIDE + UUID.randomUUID()).toString();
    fileSystem.mkdirs(new Path(aside));
    Broadcast<SerializableConfiguration> conf =
        context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
    // The same partitions are counted and then written: a matrix begins with its size.
    JavaRDD<Row> partitions = rows.javaRDD();
    List<Long> counts =
        partitions.mapPartitions(these -> List.of(count(these)).iterator(), true).collect();
    long[] sizes = counts.stream().mapToLong(Long::longValue).toArray();
    partitions
        .mapPartitionsWithIndex(
            (partition, these) -> {
              write(shard, conf.value(), aside, partition, these, sizes[partition]);
              return List.<Integer>of().iterator();
            },
            true)
        .count();
    for (FileStatus old : fileSystem.listStatus(folder)) {
      if (old.isFile() && old.getPath().getName().startsWith("part-")) {
        fileSystem.delete(old.getPath(), false);
      }
    }
    for (FileStatus file : fileSystem.listStatus(new Path(aside))) {
      fileSystem.rename(file.getPath(), new Path(folder, file.getPath().getName()));
    }
    fileSystem.delete(new Path(aside), true);
  }

  private static long count(Iterator<Row> rows) {
    long count = 0;
    while (rows.hasNext()) {
      rows.next();
      count++;
    }
    return count;
  }

  private static void write(
      Shard shard,
      SerializableConfiguration conf,
      String folder,
      int partition,
      Iterator<Row> rows,
      long count) {
    Path base = new Path(folder, String.format("part-%05d", partition));
    try {
      shard.write(base.getFileSystem(conf.value()), base, rows, count);
    } catch (IOException e) {
      throw new UncheckedIOException("'" + base + "' cannot be written: " + e.getMessage(), e);
    }
  }
}
