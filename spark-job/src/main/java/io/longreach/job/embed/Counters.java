package io.longreach.job.embed;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.metrics.source.LongAccumulatorSource$;
import org.apache.spark.util.LongAccumulator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What tasks count while they run: shown with each task in Spark's own page, sent to its metrics
 * sinks, and reported. Times are nanoseconds of one thread.
 */
final class Counters implements Serializable {
  private static final long serialVersionUID = 1L;

  final LongAccumulator documents;
  final LongAccumulator failures;
  final LongAccumulator tokens;
  final LongAccumulator tokensUsed;
  final LongAccumulator bytes;

  /** In the task's iterator altogether: what else is left of the task's time is writing. */
  final LongAccumulator rowNanos;

  /** Until the executor has opened its model. */
  final LongAccumulator openNanos;

  final LongAccumulator readNanos;
  final LongAccumulator tokenizeNanos;
  final LongAccumulator admissionNanos;
  final LongAccumulator encodeNanos;
  final LongAccumulator attentionNanos;

  private Counters(SparkContext context, Map<String, LongAccumulator> named) {
    documents = counter(context, named, "documents");
    failures = counter(context, named, "failures");
    tokens = counter(context, named, "tokens");
    tokensUsed = counter(context, named, "tokens_used");
    bytes = counter(context, named, "bytes");
    rowNanos = counter(context, named, "row_nanos");
    openNanos = counter(context, named, "open_nanos");
    readNanos = counter(context, named, "read_nanos");
    tokenizeNanos = counter(context, named, "tokenize_nanos");
    admissionNanos = counter(context, named, "admission_nanos");
    encodeNanos = counter(context, named, "encode_nanos");
    attentionNanos = counter(context, named, "attention_nanos");
  }

  /** New counters, at zero, known to the context and its metrics. */
  static Counters register(SparkContext context) {
    Map<String, LongAccumulator> named = new LinkedHashMap<>();
    Counters counters = new Counters(context, named);
    LongAccumulatorSource$.MODULE$.register(
        context, scala.collection.immutable.Map$.MODULE$.from(CollectionConverters.asScala(named)));
    return counters;
  }

  private static LongAccumulator counter(
      SparkContext context, Map<String, LongAccumulator> named, String name) {
    LongAccumulator counter = context.longAccumulator("longreach." + name);
    named.put("longreach." + name, counter);
    return counter;
  }
}
