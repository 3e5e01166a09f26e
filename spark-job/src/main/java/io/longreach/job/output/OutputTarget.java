package io.longreach.job.output;

import io.longreach.job.UsageException;
import java.util.Optional;

/**
 * Where rows go to.
 *
 * @param folder of the output, with its errors and report
 * @param table a table of Spark's catalogs that gets the rows as well
 * @param tableMode what to do with a table that exists
 */
public record OutputTarget(
    String folder,
    OutputFormat format,
    OutputSchema schema,
    Optional<String> table,
    TableMode tableMode) {

  /** Append or overwrite only when asked. */
  public enum TableMode {
    CREATE,
    APPEND,
    OVERWRITE
  }

  public OutputTarget {
    if (format == OutputFormat.ICEBERG && table.isEmpty()) {
      throw new UsageException(
          "--output-format iceberg needs a table of an Iceberg catalog: name it with"
              + " --output-table");
    }
    if (tableMode != TableMode.CREATE && table.isEmpty()) {
      throw new UsageException(
          "--table-mode says what to do with a table: name it with --output-table");
    }
    boolean shards = format == OutputFormat.ARROW || format == OutputFormat.NPY;
    if (shards && (table.isPresent() || !schema.partitionBy().isEmpty())) {
      throw new UsageException(
          "--output-format "
              + format.label()
              + " has neither tables nor partitions: leave --output-table and --partition-by out");
    }
  }

  /** A folder of Parquet. */
  public static OutputTarget parquet(String folder) {
    return new OutputTarget(
        folder, OutputFormat.PARQUET, OutputSchema.plain(), Optional.empty(), TableMode.CREATE);
  }

  /** How the rows lie in the folder: an output that exists must have been written so, too. */
  public String layout() {
    String layout = format.label();
    if (!schema.partitionBy().isEmpty()) {
      layout += " by " + String.join(", ", schema.partitionBy());
    }
    return layout;
  }

  /** Whether the rows are kept aside and copied at the end. */
  public boolean isCopied() {
    return !format.isDirect() || table.isPresent();
  }
}
