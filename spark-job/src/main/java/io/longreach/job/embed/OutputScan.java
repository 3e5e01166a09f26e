package io.longreach.job.embed;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What the written output says: counts, and the documents nearest to one of them. Read back from
 * the files, so that the summary tells what is there and not what was meant.
 */
final class OutputScan implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int NEAREST = 3;

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
  long tokens;
  long tokensUsed;
  final TreeMap<String, Long> patterns = new TreeMap<>();
  final TreeMap<String, Long> devices = new TreeMap<>();
  final ArrayList<Neighbour> nearest = new ArrayList<>();

  private OutputScan() {}

  /**
   * Scans an output.
   *
   * @param first the document whose neighbours to find, or null
   */
  static OutputScan of(Dataset<Row> output, Row first) {
    String firstId = first == null ? null : first.getString(0);
    float[] query = first == null ? null : vector(first);
    List<OutputScan> parts =
        output
            .select("doc_id", "embedding", "tokens", "tokens_used", "pattern", "device")
            .javaRDD()
            .mapPartitions(rows -> List.of(of(rows, firstId, query)).iterator())
            .collect();
    OutputScan all = new OutputScan();
    parts.forEach(all::add);
    return all;
  }

  /** The first of some documents that has an embedding, as (doc_id, embedding), or null. */
  static Row first(Dataset<Row> output, List<String> ids) {
    List<Row> rows =
        output
            .select("doc_id", "embedding")
            .where(
                output.col("doc_id").isInCollection(ids).and(output.col("embedding").isNotNull()))
            .collectAsList();
    return rows.stream()
        .min(Comparator.comparingInt(row -> ids.indexOf(row.getString(0))))
        .orElse(null);
  }

  private static OutputScan of(Iterator<Row> rows, String firstId, float[] query) {
    OutputScan scan = new OutputScan();
    while (rows.hasNext()) {
      Row row = rows.next();
      scan.documents++;
      scan.tokens += row.getLong(2);
      scan.tokensUsed += row.getLong(3);
      scan.devices.merge(row.getString(5), 1L, Long::sum);
      scan.patterns.merge(row.getString(4), 1L, Long::sum);
      if (query != null && !row.getString(0).equals(firstId)) {
        scan.consider(new Neighbour(row.getString(0), cosine(query, vector(row))));
      }
    }
    return scan;
  }

  private void add(OutputScan other) {
    documents += other.documents;
    tokens += other.tokens;
    tokensUsed += other.tokensUsed;
    other.patterns.forEach((pattern, count) -> patterns.merge(pattern, count, Long::sum));
    other.devices.forEach((device, count) -> devices.merge(device, count, Long::sum));
    other.nearest.forEach(this::consider);
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
