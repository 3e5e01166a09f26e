package io.longreach.job.embed;

import io.longreach.encoders.Embedder;
import io.longreach.encoders.EmbedderOptions;
import io.longreach.job.input.Document;
import io.longreach.udfs.Embedders;
import io.longreach.udfs.arrow.BatchLimits;
import io.longreach.udfs.arrow.EmbeddedRow;
import io.longreach.udfs.arrow.EmbeddingStream;
import io.longreach.udfs.arrow.TaskMemory;
import io.longreach.udfs.arrow.TextRow;
import java.util.Iterator;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;

/** Embeds one task's documents. */
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
          .add("error", DataTypes.StringType);

  private final EmbedderOptions options;
  private final LongAccumulator documentsDone;
  private final LongAccumulator tokensDone;
  private final LongAccumulator bytesDone;

  EmbedTask(
      EmbedderOptions options,
      LongAccumulator documentsDone,
      LongAccumulator tokensDone,
      LongAccumulator bytesDone) {
    this.options = options;
    this.documentsDone = documentsDone;
    this.tokensDone = tokensDone;
    this.bytesDone = bytesDone;
  }

  @Override
  public Iterator<Row> call(Iterator<Document> documents) {
    Embedder embedder = Embedders.get(options);
    EmbeddingStream<String> stream =
        new EmbeddingStream<>(
            new TextRows(documents), embedder, BatchLimits.DEFAULT, TaskMemory.allocator());
    TaskMemory.closeWithTask(stream);
    return new Rows(stream, embedder);
  }

  private record TextRows(Iterator<Document> documents) implements Iterator<TextRow<String>> {
    @Override
    public boolean hasNext() {
      return documents.hasNext();
    }

    @Override
    public TextRow<String> next() {
      Document document = documents.next();
      return new TextRow<>(document.id(), document.utf8(), document.error());
    }
  }

  private final class Rows implements Iterator<Row> {
    private final EmbeddingStream<String> stream;
    private final Embedder embedder;

    Rows(EmbeddingStream<String> stream, Embedder embedder) {
      this.stream = stream;
      this.embedder = embedder;
    }

    @Override
    public boolean hasNext() {
      return stream.hasNext();
    }

    @Override
    public Row next() {
      EmbeddedRow<String> row = stream.next();
      documentsDone.add(1);
      tokensDone.add(row.tokensUsed());
      bytesDone.add(row.bytes());
      return RowFactory.create(
          row.row(),
          row.embedding(),
          row.tokens(),
          row.tokensUsed(),
          embedder.model(),
          row.pattern(),
          embedder.device(),
          row.error());
    }
  }
}
