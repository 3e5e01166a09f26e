package io.longreach.job.plan;

import java.io.Serializable;

/** What is known of the input before anything is embedded. */
public final class Totals implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Token lengths are counted by powers of two. */
  private static final int LENGTHS = 40;

  long documents;
  long done;
  long bytes;
  long tokens;
  double cost;
  double largestCost;
  long largestTokens;
  final long[] lengths = new long[LENGTHS];

  void add(Totals other) {
    documents += other.documents;
    done += other.done;
    bytes += other.bytes;
    tokens += other.tokens;
    cost += other.cost;
    largestCost = Math.max(largestCost, other.largestCost);
    largestTokens = Math.max(largestTokens, other.largestTokens);
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] += other.lengths[i];
    }
  }

  /** Documents to embed. */
  public long documents() {
    return documents;
  }

  /** Documents of the input that are done already. */
  public long done() {
    return done;
  }

  public long bytes() {
    return bytes;
  }

  /** Of the documents to embed, counted or estimated. */
  public long tokens() {
    return tokens;
  }

  public long largestTokens() {
    return largestTokens;
  }

  /** Floating-point operations, and what documents cost beside them. */
  public double cost() {
    return cost;
  }

  /** Documents by tokens: entry i counts those of 2^i up to below 2^(i+1). */
  public long[] lengths() {
    return lengths.clone();
  }
}
