package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.KeyLayout;
import io.longreach.kernels.pattern.KeyPart;
import io.longreach.kernels.pattern.KeyRuns;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.pattern.Performer;
import io.longreach.kernels.pattern.PositionalPattern;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one layer's attention over one document amounts to, known before anything is computed.
 *
 * @param connections (query, key) pairs of all heads, a key that counts twice counted twice; zero
 *     for linear attention, which has none, and for lsh the most there can be
 * @param density connections over heads · tokens²
 * @param flops floating-point operations of scores and weighted values, 4 · headDim per connection;
 *     for lsh with hashing, for linear attention with its features
 * @param bytes query, key, value and context in float32: what has to move at least
 */
public record AttentionCost(long connections, double density, double flops, long bytes) {

  /**
   * The cost of one layer.
   *
   * <p><b>Cost.</b> Time in proportion to the queries and their key runs at most, no memory of that
   * size; fixed patterns of 100 million tokens take seconds.
   *
   * @throws IllegalArgumentException if the pattern cannot be laid over so many tokens
   */
  public static AttentionCost of(
      AttentionPattern pattern, int layer, int heads, int headDim, int tokens) {
    PlanChecks.positive("tokens", tokens);
    PlanChecks.positive("heads", heads);
    PlanChecks.positive("headDim", headDim);
    Map<AttentionPattern, Long> known = new HashMap<>();
    long connections = 0;
    double flops = 0;
    for (int head = 0; head < heads; head++) {
      AttentionPattern own = pattern.at(layer, head, heads);
      long count = known.computeIfAbsent(own, p -> connectionsOf(p, tokens));
      connections = Math.addExact(connections, count);
      flops += 4.0 * headDim * count + preparation(own, tokens, headDim);
    }
    double density = connections / ((double) heads * tokens * tokens);
    long bytes = 4L * Float.BYTES * heads * headDim * tokens;
    return new AttentionCost(connections, density, flops, bytes);
  }

  private static long connectionsOf(AttentionPattern pattern, int tokens) {
    if (pattern instanceof PositionalPattern positional) {
      return connections(positional, tokens);
    }
    if (pattern instanceof Lsh lsh && tokens > lsh.chunkTokens()) {
      long perQuery = lsh.chunkTokens() * (1L + lsh.chunksBefore() + lsh.chunksAfter());
      return lsh.rounds() * (perQuery * tokens);
    }
    return pattern instanceof Lsh ? (long) tokens * tokens : 0;
  }

  /** Hashing, or the whole of linear attention. */
  private static double preparation(AttentionPattern pattern, int tokens, int headDim) {
    if (pattern instanceof Performer performer) {
      // features of query and key, their product with the values, and the sums they are divided by
      return tokens * (double) performer.features() * (8.0 * headDim + 4);
    }
    if (pattern instanceof Lsh lsh && tokens > lsh.chunkTokens()) {
      int columns = lsh.bucketFactors(tokens).stream().mapToInt(Integer::intValue).sum() / 2;
      return 2.0 * tokens * headDim * lsh.rounds() * columns;
    }
    return 0;
  }

  /**
   * Number of (query, key) pairs that a pattern allows, a key that counts twice counted twice: for
   * {@code window(2)} over 10 tokens 44.
   */
  public static long connections(PositionalPattern pattern, int tokens) {
    PlanChecks.positive("tokens", tokens);
    List<KeyPart> parts = PatternSchedule.inOrder(pattern, tokens);
    long connections = 0;
    for (int i = 0; i < parts.size(); i++) {
      connections += connections(parts.get(i), parts.subList(0, i), tokens);
    }
    return connections;
  }

  private static long connections(KeyPart part, List<KeyPart> earlier, int tokens) {
    DisjointRows rows = new DisjointRows(part, earlier);
    KeyRuns runs = new KeyRuns();
    long connections = 0;
    if (part.layout() instanceof KeyLayout.QueryRows only) {
      for (int query : only.queries()) {
        connections += connections(rows, query, runs);
      }
      return connections;
    }
    for (int query = 0; query < tokens; ) {
      int next = Math.min(tokens, rows.sameUntil(query));
      connections += (next - query) * connections(rows, query, runs);
      query = next;
    }
    return connections;
  }

  private static long connections(DisjointRows rows, int query, KeyRuns runs) {
    long connections = 0;
    for (int level = 0; level < rows.levels(); level++) {
      runs.clear();
      rows.keys(query, level, runs);
      connections += runs.keys();
    }
    return connections;
  }
}
