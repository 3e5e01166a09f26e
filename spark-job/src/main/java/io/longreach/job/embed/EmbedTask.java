package io.longreach.job.embed;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.input.Document;
import io.longreach.udfs.Embedders;
import io.longreach.udfs.MemoryGate;
import io.longreach.udfs.arrow.BatchLimits;
import io.longreach.udfs.arrow.EmbeddedRow;
import io.longreach.udfs.arrow.EmbeddingStream;
import io.longreach.udfs.arrow.TaskMemory;
import io.longreach.udfs.arrow.TextRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Embeds one task's documents. Those that cannot be embedded go to the {@link ErrorTable}, all
 * others come out as rows.
 */
final class EmbedTask implements FlatMapFunction<Iterator<Document>, Row> {
  private static final long serialVersionUID = 1L;

  /** Columns of the output. */
  static final StructType SCHEMA =
      new StructType()
          .add("doc_id", DataTypes.StringType)
          .add("embedding", new ArrayType(DataTypes.FloatType, false))
          .add("tokens", DataTypes.LongType)
          .add("tokens_used", DataTypes.LongType)
          .add("model", DataTypes.StringType)
          .add("pattern", DataTypes.StringType)
          .add("device", DataTypes.StringType)
          .add("content_hash", DataTypes.StringType)
          .add("configuration", DataTypes.StringType);

  private final EmbedderOptions options;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final String output;
  private final String configuration;
  private final int attempt;
  private final Counters counters;

  EmbedTask(
      EmbedderOptions options,
      Broadcast<SerializableConfiguration> hadoop,
      String output,
      String configuration,
      int attempt,
      Counters counters) {
    this.options = options;
    this.hadoop = hadoop;
    this.output = output;
    this.configuration = configuration;
    this.attempt = attempt;
    this.counters = counters;
  }

  @Override
  public Iterator<Row> call(Iterator<Document> documents) {
    Embedder embedder = new TaskEmbedder(Embedders.get(options), MemoryGate.ofExecutor(), counters);
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
      return new TextRow<>(document, document.utf8(), document.error());
    }
  }

  private final class Rows implements Iterator<Row>, AutoCloseable {
    private final EmbeddingStream<Document> stream;
    private final Embedder embedder;
    private ErrorTable.TaskFile errors;
    private boolean committed;
    private Row found;

    Rows(EmbeddingStream<Document> stream, Embedder embedder) {
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
      while (found == null && stream.hasNext()) {
        EmbeddedRow<Document> row = stream.next();
        counters.documents.add(1);
        counters.tokens.add(row.tokens());
        counters.tokensUsed.add(row.tokensUsed());
        counters.bytes.add(row.bytes());
        if (row.error() == null) {
          found = row(row);
        } else {
          counters.failures.add(1);
          fail(row);
        }
      }
      if (found == null) {
        commitErrors();
      }
      return found != null;
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Row row = found;
      found = null;
      return row;
    }

    private Row row(EmbeddedRow<Document> row) {
      return RowFactory.create(
          row.row().id(),
          row.embedding(),
          row.tokens(),
          row.tokensUsed(),
          embedder.model(),
          row.pattern(),
          embedder.device(),
          DocumentKeys.contentHash(row.row().utf8()),
          configuration);
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
