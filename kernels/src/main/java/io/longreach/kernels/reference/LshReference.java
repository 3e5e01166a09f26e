package io.longreach.kernels.reference;

import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.plan.LshKeys;
import io.longreach.kernels.plan.LshRotations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * LSH attention with shared query and key as the published models write it: scores replaced by
 * large negative numbers, a softmax for each round, and the rounds weighed by their logSumExp. It
 * shares nothing with the plans.
 *
 * <p><b>Source.</b> transformers {@code LSHSelfAttention}, lucidrains' reformer-pytorch.
 */
public final class LshReference {
  private static final double MASKED = -1e9;
  private static final double SELF_REFORMER = -1e5;
  private static final double SELF_LUCIDRAINS = -5e4;

  private final Lsh lsh;
  private final double[][] queryKey;
  private final double[][] value;
  private final double[][] key;
  private final BitSet valid;
  private final int tokens;
  private final double[][] context;

  private LshReference(Lsh lsh, double[][] queryKey, double[][] value, BitSet valid) {
    this.lsh = lsh;
    this.queryKey = queryKey;
    this.value = value;
    this.valid = valid;
    this.tokens = queryKey.length;
    this.key = new double[tokens][];
    for (int token = 0; token < tokens; token++) {
      double[] row = queryKey[token];
      double factor = LshKeys.factor(lsh.variant(), dot(row, row), row.length);
      key[token] = Arrays.stream(row).map(x -> x * factor).toArray();
    }
    this.context = new double[tokens][value[0].length];
  }

  /**
   * The context of one head, {@code [tokens][headDim]}; rows of masked tokens are zero.
   *
   * @param rotations unused for a text of one chunk, then null will do
   * @param valid tokens that are no padding, null for all
   */
  public static double[][] context(
      Lsh lsh,
      double[][] queryKey,
      double[][] value,
      LshRotations rotations,
      int head,
      BitSet valid) {
    LshReference run = new LshReference(lsh, queryKey, value, valid);
    if (run.tokens <= lsh.chunkTokens()) {
      List<Integer> all = IntStream.range(0, run.tokens).boxed().toList();
      all.forEach(query -> run.attend(query, all, run.context[query]));
    } else {
      run.rounds(buckets(lsh, queryKey, rotations, head, valid));
    }
    for (int token = 0; token < run.tokens; token++) {
      if (run.isMasked(token)) {
        Arrays.fill(run.context[token], 0);
      }
    }
    return run.context;
  }

  /** {@code [rounds][tokens]}, without the offset of the round. */
  public static int[][] buckets(
      Lsh lsh, double[][] queryKey, LshRotations rotations, int head, BitSet valid) {
    List<Integer> factors = lsh.bucketFactors(queryKey.length);
    int product = factors.stream().reduce(1, (a, b) -> a * b);
    int[][] buckets = new int[lsh.rounds()][queryKey.length];
    for (int round = 0; round < lsh.rounds(); round++) {
      for (int token = 0; token < queryKey.length; token++) {
        boolean apart = lsh.variant() == Lsh.Variant.REFORMER && valid != null;
        if (apart && !valid.get(token)) {
          buckets[round][token] = product;
          continue;
        }
        int scale = 1;
        int column = 0;
        for (int factor : factors) {
          double[] rotated = new double[factor];
          for (int c = 0; c < factor / 2; c++) {
            rotated[c] = rotate(queryKey[token], rotations, head, round, column + c);
            rotated[factor / 2 + c] = -rotated[c];
          }
          int best = 0;
          for (int c = 1; c < factor; c++) {
            best = rotated[c] > rotated[best] ? c : best;
          }
          buckets[round][token] += scale * best;
          scale *= factor;
          column += factor / 2;
        }
      }
    }
    return buckets;
  }

  private static double rotate(
      double[] row, LshRotations rotations, int head, int round, int column) {
    int own = rotations.heads() == 1 ? 0 : head;
    double sum = 0;
    for (int d = 0; d < row.length; d++) {
      int at =
          ((own * rotations.headDim() + d) * rotations.rounds() + round) * rotations.columns()
              + column;
      sum += row[d] * rotations.values()[at];
    }
    return sum;
  }

  private void rounds(int[][] buckets) {
    List<List<Integer>> chunks = new ArrayList<>();
    for (int[] round : buckets) {
      List<Integer> sorted =
          IntStream.range(0, tokens)
              .boxed()
              .sorted(Comparator.comparingInt((Integer token) -> round[token]))
              .toList();
      for (int first = 0; first < tokens; first += lsh.chunkTokens()) {
        chunks.add(sorted.subList(first, Math.min(tokens, first + lsh.chunkTokens())));
      }
    }
    int perRound = chunks.size() / buckets.length;
    double[][][] rounds = new double[buckets.length][tokens][value[0].length];
    double[][] logSumExp = new double[buckets.length][tokens];
    for (int c = 0; c < chunks.size(); c++) {
      List<Integer> seen = new ArrayList<>();
      for (int step = -lsh.chunksBefore(); step <= lsh.chunksAfter(); step++) {
        seen.addAll(chunks.get(Math.floorMod(c + step, chunks.size())));
      }
      int round = c / perRound;
      for (int query : chunks.get(c)) {
        logSumExp[round][query] = attend(query, seen, rounds[round][query]);
      }
    }
    for (int token = 0; token < tokens; token++) {
      merge(token, rounds, logSumExp);
    }
  }

  private void merge(int token, double[][][] rounds, double[][] logSumExp) {
    double most = Double.NEGATIVE_INFINITY;
    for (double[] round : logSumExp) {
      most = Math.max(most, round[token]);
    }
    double total = 0;
    for (int round = 0; round < rounds.length; round++) {
      double weight = Math.exp(logSumExp[round][token] - most);
      total += weight;
      for (int d = 0; d < context[token].length; d++) {
        context[token][d] += weight * rounds[round][token][d];
      }
    }
    for (int d = 0; d < context[token].length; d++) {
      context[token][d] /= total;
    }
  }

  /** One softmax of a query over keys, a key listed twice counted twice; returns its logSumExp. */
  private double attend(int query, List<Integer> keys, double[] out) {
    double[] scores = keys.stream().mapToDouble(seen -> score(query, seen)).toArray();
    double most = Arrays.stream(scores).max().orElseThrow();
    double total = 0;
    for (int i = 0; i < scores.length; i++) {
      double weight = Math.exp(scores[i] - most);
      total += weight;
      double[] row = value[keys.get(i)];
      for (int d = 0; d < out.length; d++) {
        out[d] += weight * row[d];
      }
    }
    for (int d = 0; d < out.length; d++) {
      out[d] /= total;
    }
    return most + Math.log(total);
  }

  private double score(int query, int seen) {
    boolean reformer = lsh.variant() == Lsh.Variant.REFORMER;
    if (query == seen) {
      return reformer ? SELF_REFORMER : SELF_LUCIDRAINS;
    }
    if (isMasked(seen) || (lsh.direction() == Direction.CAUSAL && seen > query)) {
      return MASKED;
    }
    double scale = LshKeys.softmaxScale(lsh.variant(), queryKey[query].length);
    return dot(queryKey[query], key[seen]) * scale;
  }

  private boolean isMasked(int token) {
    return valid != null && !valid.get(token);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
