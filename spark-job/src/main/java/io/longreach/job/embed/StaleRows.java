package io.longreach.job.embed;

import io.longreach.job.input.Document;
import io.longreach.job.plan.CostPlan;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The rows of an output whose document the input has with another content, or that were embedded
 * with another configuration. Found by joins of sorted shuffles: nothing is collected.
 */
final class StaleRows {
  private static final String[] KEY = {"doc_id", "content_hash", "configuration"};
  private static final StructType INPUT =
      new StructType()
          .add("doc_id", DataTypes.StringType)
          .add("content_hash", DataTypes.StringType);

  private final Dataset<Row> input;

  /** Of the documents of an input that are planned; rows of others hold. */
  StaleRows(
      SparkSession spark,
      JavaRDD<Document> documents,
      Broadcast<CostPlan> plan,
      String configuration) {
    this.input =
        spark
            .createDataFrame(
                documents.mapPartitionsWithIndex(
                    (partition, these) -> new Keys(partition, these, plan.value()), true),
                INPUT)
            .withColumn("configuration", functions.lit(configuration));
  }

  /** Keys of the rows that no longer hold, each once. */
  Dataset<Row> keys(Dataset<Row> rows) {
    return rows.select("doc_id", "content_hash", "configuration")
        .distinct()
        .join(input.select("doc_id").hint("merge"), "doc_id")
        .select("doc_id", "content_hash", "configuration")
        .distinct()
        .join(input.hint("merge"), names(KEY), "left_anti");
  }

  /** The rows that no longer hold. */
  Dataset<Row> in(Dataset<Row> rows) {
    return rows.join(keys(rows).hint("merge"), names(KEY), "left_semi");
  }

  /** The rows that hold. */
  Dataset<Row> notIn(Dataset<Row> rows) {
    return rows.join(keys(rows).hint("merge"), names(KEY), "left_anti");
  }

  private static scala.collection.immutable.Seq<String> names(String... names) {
    return CollectionConverters.asScala(java.util.List.of(names)).toSeq();
  }

  /** Name and content hash of the documents that are planned. */
  private static final class Keys implements Iterator<Row> {
    private final int partition;
    private final Iterator<Document> documents;
    private final CostPlan plan;
    private int index;

    Keys(int partition, Iterator<Document> documents, CostPlan plan) {
      this.partition = partition;
      this.documents = documents;
      this.plan = plan;
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
      return RowFactory.create(document.id(), DocumentKeys.contentHash(document));
    }
  }
}
