package io.longreach.job.embed;

import io.longreach.job.input.Document;
import io.longreach.job.plan.CostPlan;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The rows of an output whose document the input has in another {@link DocumentKeys#version}: with
 * another content, other kept columns or another configuration. Found by joins of sorted shuffles:
 * nothing is collected.
 */
final class StaleRows {
  private static final String VERSION = "document_version";
  private static final String[] KEY = {"doc_id", VERSION};
  private static final StructType INPUT =
      new StructType().add("doc_id", DataTypes.StringType).add(VERSION, DataTypes.StringType);

  private final Dataset<Row> input;
  private final List<String> keptColumns;

  /** Of the documents of an input that are planned; rows of others hold. */
  StaleRows(
      SparkSession spark,
      JavaRDD<Document> documents,
      Broadcast<CostPlan> plan,
      String configuration,
      List<String> keptColumns) {
    this.keptColumns = keptColumns;
    int kept = keptColumns.size();
    this.input =
        spark.createDataFrame(
            documents.mapPartitionsWithIndex(
                (partition, these) -> new Keys(partition, these, plan.value(), configuration, kept),
                true),
            INPUT);
  }

  /** The rows that no longer hold. */
  Dataset<Row> in(Dataset<Row> rows) {
    return join(rows, "left_semi");
  }

  /** The rows that hold. */
  Dataset<Row> notIn(Dataset<Row> rows) {
    return join(rows, "left_anti");
  }

  private Dataset<Row> join(Dataset<Row> rows, String type) {
    Dataset<Row> versions = rows.withColumn(VERSION, DocumentKeys.version(keptColumns));
    return versions.join(stale(versions).hint("merge"), names(KEY), type).drop(VERSION);
  }

  /** Keys of the rows that no longer hold, each once. */
  private Dataset<Row> stale(Dataset<Row> versions) {
    return versions
        .select("doc_id", VERSION)
        .distinct()
        .join(input.select("doc_id").hint("merge"), "doc_id")
        .distinct()
        .join(input.hint("merge"), names(KEY), "left_anti");
  }

  private static scala.collection.immutable.Seq<String> names(String... names) {
    return CollectionConverters.asScala(List.of(names)).toSeq();
  }

  /** Name and version of the documents that are planned. */
  private static final class Keys implements Iterator<Row> {
    private final int partition;
    private final Iterator<Document> documents;
    private final CostPlan plan;
    private final String configuration;
    private final int keptColumns;
    private int index;

    Keys(
        int partition,
        Iterator<Document> documents,
        CostPlan plan,
        String configuration,
        int keptColumns) {
      this.partition = partition;
      this.documents = documents;
      this.plan = plan;
      this.configuration = configuration;
      this.keptColumns = keptColumns;
    }

    @Override
    public boolean hasNext() {
      return plan.isPlanned(partition, index) && documents.hasNext();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      index++;
      Document document = documents.next();
      return RowFactory.create(
          document.id(), DocumentKeys.version(document, configuration, keptColumns));
    }
  }
}
