package io.longreach.job.embed;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * What the written output says: counts, and the documents nearest to one of them. Read back from
 * the files, so that the summary tells what is there and not what was meant.
 */
final class OutputScan implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int NEAREST = 3;
  private static final int NAMES = 50;
  private static final int COMPARED = 100_000;

  /** A document and its cosine similarity. */
  static final class Neighbour implements Serializable {
    private static final long serialVersionUID = 1L;
    final String id;
    final double similarity;

    Neighbour(String id, double similarity) {
      this.id = id;
      this.similarity = similarity;
    }
  }

  long documents;
  long vectors;
  long tokens;
  long tokensUsed;

  /** Documents by tokens: entry i counts those of 2^i up to below 2^(i+1). */
  final long[] lengths = new long[40];

  final TreeMap<String, Long> patterns = new TreeMap<>();
  final TreeMap<String, Long> devices = new TreeMap<>();
  final ArrayList<Neighbour> nearest = new ArrayList<>();

  private OutputScan() {}

  /** The documents nearest to one of them. */
  record Nearest(String id, List<Neighbour> neighbours) {}

  /** Counts what an output holds. */
  static OutputScan of(Dataset<Row> output) {
    boolean chunked = Arrays.asList(output.columns()).contains("chunk");
    return sum(
        output
            .select(
                output.col("tokens"),
                output.col("tokens_used"),
                output.col("pattern"),
                output.col("device"),
                chunked ? output.col("chunk") : functions.lit(0))
            .javaRDD()
            .mapPartitions(rows -> List.of(counts(rows)).iterator())
            .collect());
  }

  /**
   * The neighbours of the first of some documents that has an embedding; null where there is none,
   * or too many documents to compare for the sake of a summary.
   */
  static Nearest nearest(Dataset<Row> output, OutputScan counts, List<String> ids) {
    if (counts.vectors > COMPARED) {
      return null;
    }
    Row first =
        output
            .select("doc_id", "embedding")
            .where(output.col("doc_id").isInCollection(new ArrayList<>(ids)))
            .limit(ids.size())
            .collectAsList()
            .stream()
            .min(Comparator.comparingInt(row -> ids.indexOf(row.getString(0))))
            .orElse(null);
    if (first == null) {
      return null;
    }
    String id = first.getString(0);
    float[] query = vector(first);
    OutputScan scan =
        sum(
            output
                .select("doc_id", "embedding")
                .javaRDD()
                .mapPartitions(rows -> List.of(neighbours(rows, id, query)).iterator())
                .collect());
    return scan.nearest.isEmpty() ? null : new Nearest(id, scan.nearest);
  }

  private static OutputScan sum(List<OutputScan> parts) {
    OutputScan all = new OutputScan();
    parts.forEach(all::add);
    return all;
  }

  private static OutputScan counts(Iterator<Row> rows) {
    OutputScan scan = new OutputScan();
    while (rows.hasNext()) {
      Row row = rows.next();
      scan.vectors++;
      if (!row.isNullAt(4) && row.getInt(4) > 0) {
        continue;
      }
      scan.documents++;
      scan.tokens += row.getLong(0);
      scan.tokensUsed += row.getLong(1);
      scan.lengths[63 - Long.numberOfLeadingZeros(Math.max(1, row.getLong(0)))]++;
      count(scan.patterns, row.getString(2), 1);
      count(scan.devices, row.getString(3), 1);
    }
    return scan;
  }

  private static OutputScan neighbours(Iterator<Row> rows, String id, float[] query) {
    OutputScan scan = new OutputScan();
    while (rows.hasNext()) {
      Row row = rows.next();
      if (!row.getString(0).equals(id)) {
        scan.consider(new Neighbour(row.getString(0), cosine(query, vector(row))));
      }
    }
    return scan;
  }

  private void add(OutputScan other) {
    vectors += other.vectors;
    documents += other.documents;
    tokens += other.tokens;
    tokensUsed += other.tokensUsed;
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] += other.lengths[i];
    }
    other.patterns.forEach((pattern, count) -> count(patterns, pattern, count));
    other.devices.forEach((device, count) -> count(devices, device, count));
    other.nearest.forEach(this::consider);
  }

  /** Names may follow the lengths of documents: only so many are told apart. */
  private static void count(TreeMap<String, Long> counts, String name, long documents) {
    boolean known = counts.containsKey(name) || counts.size() < NAMES;
    counts.merge(known ? name : "others", documents, Long::sum);
  }

  private void consider(Neighbour neighbour) {
    nearest.add(neighbour);
    nearest.sort(
        Comparator.comparingDouble((Neighbour n) -> -n.similarity).thenComparing(n -> n.id));
    if (nearest.size() > NEAREST) {
      nearest.remove(NEAREST);
    }
  }

  /** For people: {@code window(256) (38 documents), dense (2 documents)}. */
  static String counted(Map<String, Long> counts) {
    return counts.entrySet().stream()
        .sorted((a, b) -> Long.compare(b.getValue(), a.getValue()))
        .map(
            entry ->
                counts.size() == 1
                    ? entry.getKey()
                    : entry.getKey() + " (" + entry.getValue() + " documents)")
        .collect(Collectors.joining(", "));
  }

  private static float[] vector(Row row) {
    List<Float> values = row.getList(1);
    float[] vector = new float[values.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = values.get(i);
    }
    return vector;
  }

  private static double cosine(float[] a, float[] b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      dot += a[i] * (double) b[i];
      aa += a[i] * (double) a[i];
      bb += b[i] * (double) b[i];
    }
    return dot / Math.sqrt(aa * bb);
  }
}
