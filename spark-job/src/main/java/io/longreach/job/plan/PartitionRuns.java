package io.longreach.job.plan;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one partition of the input holds, as runs of neighbouring documents: so few that their
 * number does not depend on the documents, and so light that tasks can be balanced with them. A
 * document that weighs more than a run is a run of its own.
 *
 * <p>A plain class with arrays because Kryo cannot fill records.
 */
final class PartitionRuns implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int FIRST_IDS = 100;

  /** Token lengths are counted by powers of two. */
  static final int LENGTHS = 40;

  final int partition;
  private final int most;
  private double grain;
  private double total;

  int documents;
  int runs;
  int[] first = new int[16];
  int[] pending = new int[16];
  long[] bytes = new long[16];
  long[] tokens = new long[16];
  double[] costs = new double[16];
  double largest;
  long largestTokens;
  final long[] lengths = new long[LENGTHS];
  final ArrayList<String> firstIds = new ArrayList<>();

  /**
   * @param most runs to keep at most
   */
  PartitionRuns(int partition, int most) {
    this.partition = partition;
    this.most = most;
  }

  /** A document that is to be embedded. */
  void add(String id, long textBytes, long textTokens, double cost) {
    int run = runFor(cost);
    pending[run]++;
    bytes[run] += textBytes;
    tokens[run] += textTokens;
    costs[run] += cost;
    total += cost;
    largest = Math.max(largest, cost);
    largestTokens = Math.max(largestTokens, textTokens);
    lengths[63 - Long.numberOfLeadingZeros(Math.max(1, textTokens))]++;
    end(id);
  }

  /** A document that is done already. */
  void addDone(String id) {
    runFor(0);
    end(id);
  }

  private void end(String id) {
    documents++;
    if (firstIds.size() < FIRST_IDS) {
      firstIds.add(id);
    }
  }

  private int runFor(double cost) {
    if (runs == most && !joins(runs - 1, cost)) {
      coarsen();
    }
    if (runs > 0 && joins(runs - 1, cost)) {
      return runs - 1;
    }
    if (runs == first.length) {
      resize(Math.min(most, 2 * runs));
    }
    first[runs] = documents;
    return runs++;
  }

  private boolean joins(int run, double cost) {
    return costs[run] + cost <= grain;
  }

  /** Two neighbours that stay apart weigh more than a grain: at most half of the runs remain. */
  private void coarsen() {
    grain = Math.max(2 * grain, 4 * total / most);
    int kept = 0;
    for (int run = 1; run < runs; run++) {
      if (joins(kept, costs[run])) {
        pending[kept] += pending[run];
        bytes[kept] += bytes[run];
        tokens[kept] += tokens[run];
        costs[kept] += costs[run];
      } else {
        kept++;
        first[kept] = first[run];
        pending[kept] = pending[run];
        bytes[kept] = bytes[run];
        tokens[kept] = tokens[run];
        costs[kept] = costs[run];
      }
    }
    runs = kept + 1;
    Arrays.fill(pending, runs, pending.length, 0);
    Arrays.fill(bytes, runs, bytes.length, 0);
    Arrays.fill(tokens, runs, tokens.length, 0);
    Arrays.fill(costs, runs, costs.length, 0);
  }

  /** Gives back what growing took in advance, before the runs travel. */
  PartitionRuns finish() {
    resize(runs);
    return this;
  }

  private void resize(int length) {
    first = Arrays.copyOf(first, length);
    pending = Arrays.copyOf(pending, length);
    bytes = Arrays.copyOf(bytes, length);
    tokens = Arrays.copyOf(tokens, length);
    costs = Arrays.copyOf(costs, length);
  }

  /** One past the last document of a run. */
  int end(int run) {
    return run + 1 < runs ? first[run + 1] : documents;
  }

  List<String> firstIds() {
    return firstIds;
  }
}
