package io.longreach.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.PatternArbitraries;
import io.longreach.kernels.pattern.PositionalPattern;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lowering and specification say the same, connection by connection. */
class ScheduleCoverageTest {
  private static final List<TileShape> TILES =
      List.of(
          new TileShape(1, 1),
          new TileShape(7, 5),
          new TileShape(16, 64),
          new TileShape(32, 128),
          new TileShape(48, 64),
          new TileShape(48, 128),
          new TileShape(70, 33));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense",
        "window(0)",
        "window(2)",
        "window(64)",
        "window(left=70, right=3)",
        "window(2147483647)",
        "dilated(3, rate=4)",
        "dilated(left=2147483647, right=1, rate=7)",
        "global(0)",
        "random(5)",
        "block(16)",
        "block(16, before=2, after=1)",
        "chunks(16)",
        "chunks(16, before=3, after=2)",
        "bigbird(block=4)",
        "bigbird(block=4, window=5, random=2, global=2, draw=seeded)",
        "bigbird(block=4, draw=zero)",
        "strided(12)",
        "fixed(16, summary=3)",
        "causal(dense)",
        "causal(window(2))",
        "causal(dilated(3, rate=4))",
        "causal(global(0))",
        "causal(random(5))",
        "causal(block(16, before=1))",
        "causal(chunks(16, before=3, after=2))",
        "causal(bigbird(block=4, draw=zero))",
        "causal(strided(12))",
        "causal(fixed(16, summary=3))",
        "window(5) + global(0)",
        "window(5) + dilated(9, rate=3) + dilated(5, rate=6) + random(4) + strided(20)",
        "chunks(16, before=3, after=2) + bigbird(block=4) + fixed(8, summary=1)",
        "causal(window(5) + global(0)) + random(4)",
      })
  void everyShortLength(String text) {
    PositionalPattern pattern = (PositionalPattern) AttentionPattern.parse(text);
    for (int tokens = 1; tokens <= 200; tokens++) {
      check(pattern, tokens, TILES.get(tokens % TILES.size()), 1 + tokens % 3, null);
    }
  }

  @Provide
  Arbitrary<PositionalPattern> patterns() {
    return PatternArbitraries.positional(100);
  }

  @Property(tries = 150)
  void anyPattern(
      @ForAll("patterns") PositionalPattern pattern,
      @ForAll @IntRange(min = 100, max = 500) int tokens,
      @ForAll @IntRange(min = 1, max = 140) int queryTile,
      @ForAll @IntRange(min = 1, max = 200) int keyTile) {
    check(pattern, tokens, new TileShape(queryTile, keyTile), 3, null);
  }

  @Property(tries = 200)
  void anyPatternWithAKeyMask(
      @ForAll("patterns") PositionalPattern pattern,
      @ForAll @IntRange(min = 100, max = 400) int tokens,
      @ForAll @IntRange(min = 0, max = 6) int tiles,
      @ForAll long seed) {
    Random random = new Random(seed);
    BitSet valid = new BitSet();
    double share = List.of(0.0, 0.1, 0.5, 0.97).get(random.nextInt(4));
    random.ints(tokens, 0, tokens).filter(t -> random.nextDouble() < share).forEach(valid::set);
    if (random.nextBoolean()) {
      valid.set(random.nextInt(tokens), tokens);
    }
    check(pattern, tokens, TILES.get(tiles), 2, valid);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bigbird(block=64)",
        "bigbird(block=32, positions=1024)",
        "bigbird(block=64, window=3, random=2, global=1, positions=2048)",
        "window(64) + global(0, 17, 300, 301, 500, 700)",
        "dilated(64, rate=3)"
      })
  void longerTexts(String text) {
    PositionalPattern pattern = (PositionalPattern) AttentionPattern.parse(text);
    check(pattern, 1024, TileShape.DEFAULT, 4, null);
    check(pattern, 1500, TileShape.DEFAULT, 4, null);
  }

  @Test
  void headsThatDiffer() {
    AttentionPattern pattern =
        AttentionPattern.parse("heads(0: window(3); 1: dilated(3, rate=2); *: random(4))");
    AttentionSchedule schedule = Schedules.of(pattern, 5, 4, 90, new TileShape(7, 5), null);
    assertTrue(!schedule.sharedByHeads(), "heads differ");
    for (int head = 0; head < 4; head++) {
      PositionalPattern own = (PositionalPattern) pattern.at(5, head, 4);
      check(own, Coverage.of(schedule, head, 14), 90, null, "head " + head);
    }
  }

  @Test
  void headsThatAreAlikeShareTheirPlans() {
    AttentionPattern pattern = AttentionPattern.parse("heads(0: window(3); *: window(3))");
    assertTrue(Schedules.of(pattern, 0, 4, 90, TileShape.DEFAULT, null).sharedByHeads());
  }

  @Test
  void aGlobalTokenBeyondTheTextIsNamed() {
    AttentionPattern pattern = AttentionPattern.parse("window(2) + global(3, 512)");
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> Schedules.of(pattern, 300, TileShape.DEFAULT));
    assertEquals(
        "global token must lie within the text, was token 512 of 300 tokens: leave it out or take a"
            + " longer text",
        e.getMessage());
  }

  @Test
  void anEmptyTextIsRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Schedules.of(AttentionPattern.parse("dense"), 0, TileShape.DEFAULT));
    assertEquals("tokens must be positive, was 0: choose at least 1", e.getMessage());
  }

  @Test
  void contentPatternsAreRefused() {
    AttentionPattern pattern = AttentionPattern.parse("performer(features=8)");
    assertThrows(
        IllegalArgumentException.class, () -> Schedules.of(pattern, 10, TileShape.DEFAULT));
  }

  /** What is run from the last pass to the first, each over what is there, must come out whole. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "window(5) | true",
        "window(5) + global(0, 17) | true",
        "bigbird(block=4, window=3, random=2, global=1) | true",
        "global(0, 9) + random(4) | false",
        "causal(window(5) + global(3)) | true",
        "causal(global(3)) + window(5) | false",
        "global(3) + window(5) + dilated(9, rate=3) | false",
        "window(5) + random(4) | false"
      })
  void passesAreSeparateWhereNoQueryHasKeysInTwo(String text, boolean expected) {
    AttentionSchedule schedule =
        Schedules.of(AttentionPattern.parse(text), 100, new TileShape(16, 8));
    assertEquals(expected, schedule.passesAreSeparate());
    assertEquals(expected, Coverage.isSeparate(schedule, 0), "by its plans");
  }

  @Test
  void globalRowsAreTheirOwnOnly() {
    BitSet valid = new BitSet();
    valid.set(0, 90);
    valid.clear(5);
    AttentionSchedule rows =
        Schedules.globalRows(new int[] {0, 40}, 100, new TileShape(16, 8), valid);
    int[][] counts = Coverage.of(rows, 0, 16);
    for (int query = 0; query < 100; query++) {
      for (int key = 0; key < 100; key++) {
        int expected = (query == 0 || query == 40) && valid.get(key) ? 1 : 0;
        assertEquals(expected, counts[query][key], "query " + query + ", key " + key);
      }
    }
  }

  static void check(
      PositionalPattern pattern, int tokens, TileShape tiles, int tilesPerRange, BitSet valid) {
    AttentionSchedule schedule = Schedules.of(List.of(pattern), tokens, tiles, valid);
    int[][] counts = Coverage.of(schedule, 0, tilesPerRange * tiles.queryTile());
    check(pattern, counts, tokens, valid, pattern + " over " + tokens + " tokens in " + tiles);
  }

  private static void check(
      PositionalPattern pattern, int[][] counts, int tokens, BitSet valid, String where) {
    for (int query = 0; query < tokens; query++) {
      for (int key = 0; key < tokens; key++) {
        boolean masked = valid != null && !(valid.get(query) && valid.get(key));
        int expected = masked ? 0 : pattern.count(query, key, tokens);
        if (expected != counts[query][key]) {
          assertEquals(expected, counts[query][key], where + ": query " + query + ", key " + key);
        }
      }
    }
  }
}
