package io.longreach.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.PatternArbitraries;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.pattern.SlidingWindow;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AttentionCostTest {

  @Provide
  Arbitrary<PositionalPattern> patterns() {
    return PatternArbitraries.positional(30);
  }

  @Property(tries = 400)
  void countsEveryConnection(
      @ForAll("patterns") PositionalPattern pattern,
      @ForAll @IntRange(min = 30, max = 130) int tokens) {
    long expected = 0;
    for (int query = 0; query < tokens; query++) {
      for (int key = 0; key < tokens; key++) {
        expected += pattern.count(query, key, tokens);
      }
    }
    assertEquals(expected, AttentionCost.connections(pattern, tokens), pattern + " over " + tokens);
  }

  @Test
  void windowOfTwoOverTenTokens() {
    AttentionCost cost = AttentionCost.of(new SlidingWindow(2, 2), 0, 3, 16, 10);
    assertEquals(3 * 44, cost.connections(), "44 for each head");
    assertEquals(0.44, cost.density(), 1e-12, "density");
    assertEquals(4.0 * 16 * 3 * 44, cost.flops(), "FLOPs");
    assertEquals(4 * 4 * 10 * 3 * 16, cost.bytes(), "bytes");
  }

  @Test
  void millionsOfTokens() {
    int tokens = 4_000_000;
    long window = AttentionCost.connections(new SlidingWindow(256, 256), tokens);
    assertEquals(513L * tokens - 256L * 257, window, "two corners are missing");
    PositionalPattern union =
        (PositionalPattern) AttentionPattern.parse("block(64) + global(0-63)");
    long blocks = tokens / 64L;
    assertEquals(
        64L * tokens + 2 * 64L * (tokens - 64),
        AttentionCost.connections(union, tokens),
        blocks + " blocks, of which the first is global");
    PositionalPattern dense = (PositionalPattern) AttentionPattern.parse("dense");
    assertEquals(
        (long) Integer.MAX_VALUE * Integer.MAX_VALUE,
        AttentionCost.connections(dense, Integer.MAX_VALUE),
        "the longest text");
  }

  @Test
  void headsAreAddedUp() {
    AttentionPattern pattern = AttentionPattern.parse("heads(0: window(2); *: window(0))");
    assertEquals(44 + 10 + 10, AttentionCost.of(pattern, 7, 3, 8, 10).connections());
  }

  @Test
  void patternsWithoutPositions() {
    AttentionPattern performer = AttentionPattern.parse("performer(features=32)");
    AttentionCost linear = AttentionCost.of(performer, 0, 2, 16, 100);
    assertEquals(0, linear.connections());
    assertEquals(2 * 100 * 32 * (8.0 * 16 + 4), linear.flops());
    AttentionPattern lsh = AttentionPattern.parse("lsh(buckets=8x4, rounds=2, chunk=10)");
    AttentionCost hashed = AttentionCost.of(lsh, 0, 1, 16, 100);
    assertEquals(2 * 100 * 20, hashed.connections());
    assertEquals(4.0 * 16 * 4000 + 2.0 * 100 * 16 * 2 * 6, hashed.flops());
  }

  @Test
  void anEmptyTextIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> AttentionCost.of(new SlidingWindow(2, 2), 0, 1, 8, 0));
  }
}
