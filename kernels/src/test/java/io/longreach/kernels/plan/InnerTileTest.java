package io.longreach.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.KeyPart;
import io.longreach.kernels.pattern.KeyRows;
import io.longreach.kernels.pattern.KeyRuns;
import io.longreach.kernels.pattern.PositionalPattern;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tiles far from all edges have the entries of the tiles before them, moved along. */
class InnerTileTest {
  private static final int TOKENS = 193;
  private static final TileShape TILES = new TileShape(4, 8);
  private static final int SPAN = 8;

  /** Of 49 tiles, those at the edges, those around a global token and two more are planned. */
  @ParameterizedTest
  @CsvSource({
    "window(5), 6",
    "'window(left=20, right=3)', 8",
    "block(8), 4",
    "'block(8, before=1)', 6",
    "'chunks(4, before=2)', 6",
    "'dilated(2, rate=2)', 9",
    "window(5) + global(0), 8",
    "'causal(window(5))', 6"
  })
  void mostAreNotPlannedAgain(String pattern, int most) {
    List<KeyPart> parts =
        PatternSchedule.inOrder((PositionalPattern) AttentionPattern.parse(pattern), TOKENS);
    int last = parts.size() - 1;
    CountedRows rows = new CountedRows(parts.get(last).rows());
    KeyPart counted = new KeyPart(parts.get(last).layout(), rows);
    Pass pass = new Pass(counted, parts.subList(0, last), TOKENS, TILES, null);
    int tiles = 0;
    for (int first = 0; first < pass.queries(); first += SPAN) {
      int end = Math.min(first + SPAN, pass.queries());
      tiles += ((BlockPlan) pass.plan(first, end)).queryTiles();
    }
    // A tile's place costs two rows; to plan it, the rows of its queries besides.
    int planned = (rows.read - 2 * tiles) / TILES.queryTile();
    assertTrue(tiles > 45, tiles + " tiles");
    assertTrue(planned <= most, planned + " tiles were planned");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "window(5)",
        "window(5) + global(0)",
        "window(5) + global(100)",
        "window(5) + global(3, 90, 100, 110, 120, 150)",
        "window(3) + block(16) + global(97-99)",
        "block(16, before=1) + window(7)",
        "causal(window(9) + global(100))",
        "causal(block(16, before=1))",
        "dilated(3, rate=2) + window(4)",
        "dilated(3, rate=4) + global(100)",
        "chunks(16, before=1, after=1)",
        "strided(12)",
      })
  void theOrderInWhichRangesAreAskedForIsOfNoMatter(String pattern) {
    int[][] whole = Coverage.of(schedule(pattern), 0, TOKENS + SPAN - TOKENS % SPAN);
    for (int seed = 0; seed < 20; seed++) {
      AttentionSchedule schedule = schedule(pattern);
      Random random = new Random(seed);
      for (int pass = 0; pass < schedule.passes(0); pass++) {
        List<Integer> ranges = new ArrayList<>();
        for (int first = 0; first < schedule.queries(0, pass); first += SPAN) {
          ranges.add(first);
        }
        Collections.shuffle(ranges, random);
        for (int first : ranges) {
          schedule.plan(0, pass, first, Math.min(first + SPAN, schedule.queries(0, pass)));
        }
      }
      assertArrayEquals(whole, Coverage.of(schedule, 0, SPAN), "seed " + seed);
    }
  }

  /** As two threads do at once for two heads. */
  @ParameterizedTest
  @ValueSource(strings = {"window(5)", "window(5) + global(0)", "block(16)", "dilated(2, rate=2)"})
  void aTileThatIsPlannedTwiceTellsNothing(String pattern) {
    int[][] whole = Coverage.of(schedule(pattern), 0, TOKENS + SPAN - TOKENS % SPAN);
    AttentionSchedule schedule = schedule(pattern);
    // Global tokens have a pass of their own rows before the pass of all queries.
    int pass = schedule.passes(0) - 1;
    for (int time = 0; time < 2; time++) {
      schedule.plan(0, pass, 5 * SPAN, 6 * SPAN);
    }
    assertArrayEquals(whole, Coverage.of(schedule, 0, SPAN));
  }

  @Test
  void lengthsOfRangesMayDiffer() {
    AttentionSchedule schedule = schedule("window(5)");
    int[][] whole = Coverage.of(schedule, 0, 200);
    for (int span : new int[] {8, 12, 4, 40, 8}) {
      assertArrayEquals(whole, Coverage.of(schedule, 0, span), "ranges of " + span);
    }
    assertEquals(TOKENS, schedule.tokens());
  }

  private static AttentionSchedule schedule(String pattern) {
    return Schedules.of(AttentionPattern.parse(pattern), TOKENS, TILES);
  }

  /** Counts the rows that are read. */
  private static final class CountedRows implements KeyRows {
    private final KeyRows rows;
    private int read;

    CountedRows(KeyRows rows) {
      this.rows = rows;
    }

    @Override
    public void keys(int query, int level, KeyRuns out) {
      read++;
      rows.keys(query, level, out);
    }

    @Override
    public int levels() {
      return rows.levels();
    }

    @Override
    public int period() {
      return rows.period();
    }

    @Override
    public boolean isInner(int first, int last) {
      return rows.isInner(first, last);
    }
  }
}
