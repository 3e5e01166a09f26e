package io.longreach.job.input;

import io.longreach.job.UsageException;
import java.util.List;
import java.util.Locale;

/** How documents are written down. */
public enum InputFormat {
  /** One document a file. */
  TEXT(".txt", ".text", ".md"),
  /** One JSON object a line, also compressed. */
  JSONL(
      ".jsonl",
      ".jsonl.gz",
      ".jsonl.zst",
      ".ndjson",
      ".ndjson.gz",
      ".ndjson.zst",
      ".json",
      ".json.gz",
      ".json.zst"),
  PARQUET(".parquet"),
  ORC(".orc"),
  CSV(".csv", ".csv.gz"),
  /** Only where spark-avro is on the class path. */
  AVRO(".avro");

  private final List<String> extensions;

  InputFormat(String... extensions) {
    this.extensions = List.of(extensions);
  }

  /** For messages. */
  String label() {
    return switch (this) {
      case TEXT -> "text";
      case PARQUET -> "Parquet";
      case AVRO -> "Avro";
      default -> name();
    };
  }

  /** By name. */
  public static InputFormat parse(String name) {
    for (InputFormat format : values()) {
      if (format.name().equalsIgnoreCase(name)) {
        return format;
      }
    }
    throw new UsageException(
        "--format must be text, jsonl, parquet, orc, csv or avro, was '"
            + name
            + "': choose one of these");
  }

  /**
   * By the names of the files.
   *
   * @param input what the user named, for the message
   */
  static InputFormat ofFiles(String input, Iterable<String> names) {
    InputFormat found = null;
    String first = null;
    for (String name : names) {
      InputFormat format = ofName(name);
      if (format == null) {
        throw new UsageException(
            "the format of '" + name + "' cannot be told from its name: add --format");
      }
      if (found != null && format != found) {
        throw new UsageException(
            "'"
                + input
                + "' mixes formats ('"
                + first
                + "', '"
                + name
                + "'): narrow it with a glob");
      }
      found = format;
      first = name;
    }
    return found;
  }

  private static InputFormat ofName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (InputFormat format : values()) {
      for (String extension : format.extensions) {
        if (lower.endsWith(extension)) {
          return format;
        }
      }
    }
    return null;
  }
}
