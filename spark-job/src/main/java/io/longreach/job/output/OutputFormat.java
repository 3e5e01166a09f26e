package io.longreach.job.output;

import io.longreach.job.UsageException;
import java.util.Locale;
import java.util.Map;

/**
 * Formats of the output. Those that Spark writes a task at a time are written directly; the others
 * are copied, at the end of a run, from rows that are kept as Parquet inside the output.
 */
public enum OutputFormat {
  PARQUET("parquet", Map.of()),
  JSONL("json", Map.of()),
  JSONL_GZ("json", Map.of("compression", "gzip")),
  ORC("orc", Map.of()),
  /** Only where spark-avro is on the class path. */
  AVRO("avro", Map.of()),
  /** Arrow IPC files. */
  ARROW,
  /** NumPy matrices, each with a file of JSON lines that names its rows. */
  NPY,
  /** Only where the session has Delta Lake. */
  DELTA,
  /** Only where the session has Iceberg, and into a table. */
  ICEBERG;

  private final String source;
  private final Map<String, String> options;

  OutputFormat() {
    this(null, Map.of());
  }

  OutputFormat(String source, Map<String, String> options) {
    this.source = source;
    this.options = options;
  }

  /** How the command line writes it. */
  public String label() {
    return this == JSONL_GZ ? "jsonl.gz" : name().toLowerCase(Locale.ROOT);
  }

  /** Whether tasks write it themselves. */
  public boolean isDirect() {
    return source != null;
  }

  /** What keeps the rows until they are copied. */
  public OutputFormat kept() {
    return isDirect() ? this : PARQUET;
  }

  /** Spark's name of the source that reads and writes it. */
  public String source() {
    return source;
  }

  /** Of Spark's writer. */
  public Map<String, String> options() {
    return options;
  }

  /** By the name on the command line. */
  public static OutputFormat parse(String name) {
    for (OutputFormat format : values()) {
      if (format.label().equalsIgnoreCase(name)) {
        return format;
      }
    }
    throw new UsageException(
        "--output-format must be parquet, jsonl, jsonl.gz, orc, avro, arrow, npy, delta or iceberg,"
            + " was '"
            + name
            + "': choose one of these");
  }
}
