package io.longreach.job.embed;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.encoders.TextSpan;
import io.longreach.job.input.Document;
import io.longreach.job.output.OutputSchema;
import io.longreach.udfs.Embedders;
import io.longreach.udfs.MemoryGate;
import io.longreach.udfs.arrow.BatchLimits;
import io.longreach.udfs.arrow.EmbeddedRow;
import io.longreach.udfs.arrow.EmbeddingStream;
import io.longreach.udfs.arrow.TaskMemory;
import io.longreach.udfs.arrow.TextRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Embeds one task's documents. Those that cannot be embedded go to the {@link ErrorTable}, all
 * others come out as rows.
 */
final class EmbedTask implements FlatMapFunction<Iterator<Document>, Row> {
  private static final long serialVersionUID = 1L;
  private static final int EMBEDDING = 1;

  private final EmbedderOptions options;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final String output;
  private final OutputSchema schema;
  private final String configuration;
  private final int attempt;
  private final Counters counters;

  EmbedTask(
      EmbedderOptions options,
      Broadcast<SerializableConfiguration> hadoop,
      String output,
      OutputSchema schema,
      String configuration,
      int attempt,
      Counters counters) {
    this.options = options;
    this.hadoop = hadoop;
    this.output = output;
    this.schema = schema;
    this.configuration = configuration;
    this.attempt = attempt;
    this.counters = counters;
  }

  @Override
  public Iterator<Row> call(Iterator<Document> documents) {
    long start = System.nanoTime();
    Embedder model = Embedders.get(options);
    counters.openNanos.add(System.nanoTime() - start);
    TaskEmbedder embedder =
        new TaskEmbedder(model, MemoryGate.ofExecutor(), counters, schema.chunking());
    EmbeddingStream<Document> stream =
        new EmbeddingStream<>(
            new TextRows(documents), embedder, BatchLimits.DEFAULT, TaskMemory.allocator());
    TaskMemory.closeWithTask(stream);
    Rows rows = new Rows(stream, embedder);
    TaskMemory.closeWithTask(rows);
    return rows;
  }

  private final class TextRows implements Iterator<TextRow<Document>> {
    private final Iterator<Document> documents;

    TextRows(Iterator<Document> documents) {
      this.documents = documents;
    }

    @Override
    public boolean hasNext() {
      long start = System.nanoTime();
      boolean more = documents.hasNext();
      counters.readNanos.add(System.nanoTime() - start);
      return more;
    }

    @Override
    public TextRow<Document> next() {
      long start = System.nanoTime();
      Document document = documents.next();
      counters.readNanos.add(System.nanoTime() - start);
      return new TextRow<>(document, document.utf8(), document.error(), 0, document.globalTokens());
    }
  }

  private final class Rows implements Iterator<Row>, AutoCloseable {
    private final EmbeddingStream<Document> stream;
    private final TaskEmbedder embedder;
    private final Deque<Row> found = new ArrayDeque<>();
    private ErrorTable.TaskFile errors;
    private boolean committed;

    Rows(EmbeddingStream<Document> stream, TaskEmbedder embedder) {
      this.stream = stream;
      this.embedder = embedder;
    }

    @Override
    public boolean hasNext() {
      long start = System.nanoTime();
      boolean more = find();
      counters.rowNanos.add(System.nanoTime() - start);
      return more;
    }

    private boolean find() {
      while (found.isEmpty() && stream.hasNext()) {
        EmbeddedRow<Document> row = stream.next();
        counters.documents.add(1);
        counters.tokens.add(row.tokens());
        counters.tokensUsed.add(row.tokensUsed());
        counters.bytes.add(row.bytes());
        if (row.error() == null) {
          rows(row);
        } else {
          counters.failures.add(1);
          fail(row);
        }
      }
      if (found.isEmpty()) {
        commitErrors();
      }
      return !found.isEmpty();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return found.remove();
    }

    private void rows(EmbeddedRow<Document> row) {
      List<Object> document =
          new ArrayList<>(
              Arrays.asList(
                  row.row().id(),
                  row.embedding(),
                  row.tokens(),
                  row.tokensUsed(),
                  embedder.model(),
                  row.pattern(),
                  embedder.device(),
                  DocumentKeys.contentHash(row.row()),
                  configuration));
      List<String> kept = new ArrayList<>();
      for (int column = 0; column < schema.keptColumns().size(); column++) {
        kept.add(row.row().kept(column));
      }
      if (schema.chunking().isNone()) {
        document.addAll(kept);
        found.add(RowFactory.create(document.toArray()));
        return;
      }
      String text = new String(row.row().utf8(), StandardCharsets.UTF_8);
      List<TextSpan> chunks = embedder.chunks(text, row.tokensUsed());
      int dimensions = row.embedding().length / chunks.size();
      for (int chunk = 0; chunk < chunks.size(); chunk++) {
        TextSpan span = chunks.get(chunk);
        List<Object> values = new ArrayList<>(document);
        values.set(
            EMBEDDING,
            Arrays.copyOfRange(row.embedding(), chunk * dimensions, (chunk + 1) * dimensions));
        values.addAll(
            List.of(chunk, span.start(), span.end(), text.substring(span.start(), span.end())));
        values.addAll(kept);
        found.add(RowFactory.create(values.toArray()));
      }
    }

    private void fail(EmbeddedRow<Document> row) {
      String stage = row.row().error() != null ? "read" : row.tokens() == 0 ? "tokenize" : "embed";
      try {
        errors()
            .write(
                ErrorTable.line(
                    row.row().id(), stage, row.error(), row.bytes(), row.tokens(), attempt));
      } catch (IOException e) {
        throw unwritable(e);
      }
    }

    private ErrorTable.TaskFile errors() throws IOException {
      if (errors == null) {
        errors =
            new ErrorTable(hadoop.value().value(), output)
                .taskFile(attempt, TaskContext.getPartitionId());
      }
      return errors;
    }

    /** Before the task commits: an error that is lost would be a document that is lost. */
    private void commitErrors() {
      TaskContext task = TaskContext.get();
      boolean repeated = task != null && task.attemptNumber() + task.stageAttemptNumber() > 0;
      if (!committed && (errors != null || repeated)) {
        try {
          errors().commit();
        } catch (IOException e) {
          throw unwritable(e);
        }
      }
      committed = true;
    }

    private UncheckedIOException unwritable(IOException e) {
      return new UncheckedIOException("the error table cannot be written: " + e.getMessage(), e);
    }

    @Override
    public void close() {
      if (errors != null) {
        try {
          errors.close();
        } catch (IOException e) {
          throw unwritable(e);
        }
      }
    }
  }
}
