package io.longreach.job.plan;

import io.longreach.job.input.Document;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the documents of an input cost: the heaviest one by one, all others by buckets of their
 * hashes. It is of one size for any number of documents, it can be summed up over partitions, and a
 * document is found in it by its name and text, wherever and in whatever order it is read again.
 *
 * <p>A plain class with arrays because Kryo cannot fill records.
 */
final class DocumentCosts implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int FIRST_IDS = 100;

  private final int buckets;
  private final int most;

  /** Documents that cost no more than this go to a bucket. */
  private double light;

  private int count;
  private long[] hashes = new long[16];
  private double[] costs = new double[16];

  /** By bucket; empty as long as all documents are told apart. */
  private double[] bucketCosts = new double[0];

  final Totals totals = new Totals();
  private final ArrayList<Integer> idPartitions = new ArrayList<>();
  private final ArrayList<String> ids = new ArrayList<>();

  /**
   * Of no documents yet.
   *
   * @param buckets for documents that are not told apart: a power of 2
   * @param most documents to tell apart, those that cost most; up to twice as many are
   */
  DocumentCosts(int buckets, int most) {
    this.buckets = buckets;
    this.most = most;
  }

  static int bucket(long hash, int buckets) {
    return (int) (hash >>> 1) & (buckets - 1);
  }

  /** A document that is to be embedded. */
  void add(int partition, Document document, long tokens, double cost) {
    totals.documents++;
    totals.bytes += document.bytes();
    totals.tokens += tokens;
    totals.cost += cost;
    totals.largestCost = Math.max(totals.largestCost, cost);
    totals.largestTokens = Math.max(totals.largestTokens, tokens);
    totals.lengths[63 - Long.numberOfLeadingZeros(Math.max(1, tokens))]++;
    add(document.hash(), cost);
    addId(partition, document.id());
  }

  /** A document that is done already. */
  void addDone(int partition, Document document) {
    totals.done++;
    addId(partition, document.id());
  }

  private void addId(int partition, String id) {
    if (ids.size() < FIRST_IDS) {
      idPartitions.add(partition);
      ids.add(id);
    }
  }

  /** Adds the documents of other partitions to these. */
  DocumentCosts add(DocumentCosts other) {
    totals.add(other.totals);
    for (int i = 0; i < other.count; i++) {
      add(other.hashes[i], other.costs[i]);
    }
    for (int bucket = 0; bucket < other.bucketCosts.length; bucket++) {
      addToBucket(bucket, other.bucketCosts[bucket]);
    }
    for (int i = 0; i < other.ids.size(); i++) {
      int at = 0;
      while (at < ids.size() && idPartitions.get(at) <= other.idPartitions.get(i)) {
        at++;
      }
      idPartitions.add(at, other.idPartitions.get(i));
      ids.add(at, other.ids.get(i));
    }
    if (ids.size() > FIRST_IDS) {
      ids.subList(FIRST_IDS, ids.size()).clear();
      idPartitions.subList(FIRST_IDS, idPartitions.size()).clear();
    }
    return this;
  }

  private void add(long hash, double cost) {
    if (cost <= light) {
      addToBucket(bucket(hash, buckets), cost);
      return;
    }
    if (count == 2 * most) {
      keepHeaviest();
      add(hash, cost);
      return;
    }
    if (count == hashes.length) {
      int length = Math.min(2 * most, 2 * count);
      hashes = Arrays.copyOf(hashes, length);
      costs = Arrays.copyOf(costs, length);
    }
    hashes[count] = hash;
    costs[count++] = cost;
  }

  private void addToBucket(int bucket, double cost) {
    if (bucketCosts.length == 0) {
      bucketCosts = new double[buckets];
    }
    bucketCosts[bucket] += cost;
  }

  /** What goes to the buckets costs no more than the whole divided by {@code most}. */
  private void keepHeaviest() {
    double[] sorted = Arrays.copyOf(costs, count);
    Arrays.sort(sorted);
    light = sorted[count - most];
    int all = count;
    count = 0;
    for (int i = 0; i < all; i++) {
      add(hashes[i], costs[i]);
    }
  }

  /** One of the heaviest documents, with what equals it in name and text, or a bucket. */
  record Place(long hash, int bucket, double cost) {}

  /** Everything that costs something, each document in one place. */
  List<Place> places() {
    long[] sorted = Arrays.copyOf(hashes, count);
    Arrays.sort(sorted);
    int distinct = 0;
    for (int i = 0; i < count; i++) {
      if (i == 0 || sorted[i] != sorted[i - 1]) {
        sorted[distinct++] = sorted[i];
      }
    }
    double[] sums = new double[distinct];
    for (int i = 0; i < count; i++) {
      sums[Arrays.binarySearch(sorted, 0, distinct, hashes[i])] += costs[i];
    }
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < distinct; i++) {
      places.add(new Place(sorted[i], -1, sums[i]));
    }
    for (int bucket = 0; bucket < bucketCosts.length; bucket++) {
      if (bucketCosts[bucket] > 0) {
        places.add(new Place(0, bucket, bucketCosts[bucket]));
      }
    }
    return places;
  }

  int buckets() {
    return buckets;
  }

  /** Names of the first documents in the order of the partitions. */
  List<String> firstIds() {
    return ids;
  }
}
