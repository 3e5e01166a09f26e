package io.longreach.job.embed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The documents that could not be embedded: {@code _errors/} inside the output, JSON lines of
 * doc_id, stage, reason, bytes, tokens and attempt. Each task writes a file; a run that ends
 * removes those of the runs before it, because it has tried their documents again.
 */
final class ErrorTable {
  static final String FOLDER = "_errors";
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int REASONS = 50;
  private static final String OTHER = "other reasons";

  /** What a table says. */
  static final class Tally {
    long documents;
    long tokens;
    final TreeMap<String, Long> reasons = new TreeMap<>();

    /** By stage and reason, numbers left out. */
    final TreeMap<String, Long> kinds = new TreeMap<>();
  }

  private final Path folder;
  private final FileSystem fileSystem;

  ErrorTable(Configuration conf, String output) throws IOException {
    this.folder = new Path(output, FOLDER);
    this.fileSystem = folder.getFileSystem(conf);
  }

  private static String prefix(int attempt) {
    return "attempt-" + attempt + "-";
  }

  /** One more than any attempt that has left its errors here. */
  int nextAttempt() throws IOException {
    int last = 0;
    if (fileSystem.exists(folder)) {
      for (FileStatus file : fileSystem.listStatus(folder)) {
        String[] parts = file.getPath().getName().split("-", -1);
        if (parts.length == 4) {
          last = Math.max(last, Integer.parseInt(parts[1]));
        }
      }
    }
    return last + 1;
  }

  /** The file of a task, hidden until it is whole. */
  TaskFile taskFile(int attempt, int task) {
    return new TaskFile(prefix(attempt) + "task-" + task + ".jsonl");
  }

  /**
   * What one try of a task writes. Nothing of it is seen unless it commits, and then it stands in
   * place of what a try before it may have left: a document that failed there may be fine here.
   */
  final class TaskFile implements AutoCloseable {
    private final Path whole;
    private final Path hidden;
    private OutputStream lines;

    private TaskFile(String name) {
      whole = new Path(folder, name);
      hidden = new Path(folder, "." + name + "." + UUID.randomUUID());
    }

    void write(byte[] line) throws IOException {
      if (lines == null) {
        lines = fileSystem.create(hidden, true);
      }
      lines.write(line);
    }

    void commit() throws IOException {
      fileSystem.delete(whole, false);
      if (lines != null) {
        lines.close();
        if (!fileSystem.rename(hidden, whole)) {
          throw new IOException("cannot rename " + hidden + " to " + whole);
        }
        lines = null;
      }
    }

    /** Without a commit before it leaves nothing. */
    @Override
    public void close() throws IOException {
      if (lines != null) {
        try (OutputStream open = lines) {
          lines = null;
        } finally {
          fileSystem.delete(hidden, false);
        }
      }
    }
  }

  /** One line of a table. */
  static byte[] line(String id, String stage, String reason, long bytes, long tokens, int attempt) {
    return (MAPPER
                .createObjectNode()
                .put("doc_id", id)
                .put("stage", stage)
                .put("reason", reason)
                .put("bytes", bytes)
                .put("tokens", tokens)
                .put("attempt", attempt)
                .toString()
            + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isHidden(Path path) {
    return path.getName().startsWith(".");
  }

  /** Removes what other attempts wrote. */
  void keepOnly(int attempt) throws IOException {
    if (fileSystem.exists(folder)) {
      for (FileStatus file : fileSystem.listStatus(folder)) {
        if (!file.getPath().getName().startsWith(prefix(attempt))) {
          fileSystem.delete(file.getPath(), false);
        }
      }
    }
  }

  /** Counts, by reason as far as there are not too many of them. */
  Tally tally() throws IOException {
    Tally tally = new Tally();
    if (!fileSystem.exists(folder)) {
      return tally;
    }
    for (FileStatus file : fileSystem.listStatus(folder, path -> !isHidden(path))) {
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(fileSystem.open(file.getPath()), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          JsonNode error = MAPPER.readTree(line);
          String reason = error.path("reason").asText();
          tally.documents++;
          tally.tokens += error.path("tokens").asLong();
          count(tally.reasons, reason);
          count(tally.kinds, error.path("stage").asText() + ": " + reason.replaceAll("\\d+", "#"));
        }
      }
    }
    return tally;
  }

  private static void count(TreeMap<String, Long> counts, String reason) {
    boolean known = counts.containsKey(reason) || counts.size() < REASONS;
    counts.merge(known ? reason : OTHER, 1L, Long::sum);
  }
}
