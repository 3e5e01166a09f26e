package io.longreach.job.output;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of an output.
 *
 * @param chunking columns of chunks, unless a document has one vector
 * @param partitionBy columns whose values name folders: of the output, or of the input
 */
public record OutputSchema(Chunking chunking, List<String> partitionBy) implements Serializable {
  private static final StructType DOCUMENT =
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
  private static final StructType CHUNK =
      new StructType()
          .add("chunk", DataTypes.IntegerType)
          .add("chunk_start", DataTypes.IntegerType)
          .add("chunk_end", DataTypes.IntegerType)
          .add("chunk_text", DataTypes.StringType);

  public OutputSchema {
    partitionBy = List.copyOf(partitionBy);
  }

  /** One vector a document, one folder. */
  public static OutputSchema plain() {
    return new OutputSchema(Chunking.none(), List.of());
  }

  /** All columns: the document's, the chunk's, and those that the input gives. */
  public StructType columns() {
    StructType columns = DOCUMENT;
    if (!chunking.isNone()) {
      for (var field : CHUNK.fields()) {
        columns = columns.add(field);
      }
    }
    for (String kept : keptColumns()) {
      columns = columns.add(kept, DataTypes.StringType);
    }
    return columns;
  }

  /** Columns of the input that travel with its documents. */
  public List<String> keptColumns() {
    List<String> own = Arrays.asList(DOCUMENT.fieldNames());
    return partitionBy.stream().filter(column -> !own.contains(column)).toList();
  }
}
