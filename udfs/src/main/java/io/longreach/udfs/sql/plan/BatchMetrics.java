package io.longreach.udfs.sql.plan;

import io.longreach.udfs.arrow.WorkCounts;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.execution.metric.SQLMetrics;
import scala.jdk.javaapi.CollectionConverters;

/** What a node counts, as the Spark UI shows it. */
final class BatchMetrics implements WorkCounts, Serializable {
  private static final long serialVersionUID = 1L;

  private final SQLMetric rows;
  private final SQLMetric batches;
  private final SQLMetric embedded;
  private final SQLMetric tokens;
  private final SQLMetric tokensPerSecond;
  private final SQLMetric tokenizing;
  private final SQLMetric linear;
  private final SQLMetric attention;
  private final SQLMetric peakBytes;

  /** Of the task at hand. */
  private transient long taskTokens;

  private transient long taskNanos;

  BatchMetrics(SparkContext spark) {
    this.rows = SQLMetrics.createMetric(spark, "number of output rows");
    this.batches = SQLMetrics.createMetric(spark, "batches");
    this.embedded = SQLMetrics.createMetric(spark, "texts embedded");
    this.tokens = SQLMetrics.createMetric(spark, "tokens");
    this.tokensPerSecond = SQLMetrics.createAverageMetric(spark, "tokens per second of a task");
    this.tokenizing = nanos(spark, "time in tokenizing");
    this.linear = nanos(spark, "time in linear layers and pooling");
    this.attention = nanos(spark, "time in attention");
    this.peakBytes = SQLMetrics.createSizeMetric(spark, "peak Arrow memory", 0L);
  }

  private static SQLMetric nanos(SparkContext spark, String name) {
    return SQLMetrics.createNanoTimingMetric(spark, name, 0L);
  }

  scala.collection.immutable.Map<String, SQLMetric> byName() {
    Map<String, SQLMetric> metrics = new LinkedHashMap<>();
    metrics.put("numOutputRows", rows);
    metrics.put("batches", batches);
    metrics.put("textsEmbedded", embedded);
    metrics.put("tokens", tokens);
    metrics.put("tokensPerSecond", tokensPerSecond);
    metrics.put("tokenizing", tokenizing);
    metrics.put("linear", linear);
    metrics.put("attention", attention);
    metrics.put("peakArrowBytes", peakBytes);
    return scala.collection.immutable.Map$.MODULE$.from(CollectionConverters.asScala(metrics));
  }

  void rows(long count) {
    rows.add(count);
  }

  /** The task is done. */
  void finish(long peakArrowBytes) {
    peakBytes.add(peakArrowBytes);
    if (taskNanos > 0) {
      tokensPerSecond.set(taskTokens * 1e9 / taskNanos);
    }
  }

  @Override
  public void tokenized(long nanos) {
    tokenizing.add(nanos);
    taskNanos += nanos;
  }

  @Override
  public void encoded(int documents, long encodedTokens, long nanos, long attentionNanos) {
    embedded.add(documents);
    tokens.add(encodedTokens);
    linear.add(Math.max(0, nanos - attentionNanos));
    attention.add(attentionNanos);
    taskTokens += encodedTokens;
    taskNanos += nanos;
  }

  @Override
  public void batch() {
    batches.add(1);
  }
}
