package io.longreach.kernels.plan;

import java.util.Arrays;

/** The stable sort of each round's tokens by bucket, in linear time: counting, not comparing. */
final class LshOrder {
  private LshOrder() {}

  /**
   * Tokens sorted by (round, bucket, position).
   *
   * @param hashed {@code [rounds * tokens]}
   * @param buckets all of {@code hashed} are below it
   */
  static int[] sorted(int[] hashed, int rounds, int tokens, int buckets) {
    int[] order = new int[hashed.length];
    int[] next = new int[buckets + 1];
    for (int round = 0; round < rounds; round++) {
      int first = round * tokens;
      Arrays.fill(next, 0);
      for (int token = 0; token < tokens; token++) {
        next[hashed[first + token] + 1]++;
      }
      for (int bucket = 0; bucket < buckets; bucket++) {
        next[bucket + 1] += next[bucket];
      }
      for (int token = 0; token < tokens; token++) {
        order[first + next[hashed[first + token]]++] = token;
      }
    }
    return order;
  }
}
