package io.longreach.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.PositionalPattern;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lowering and specification say the same, connection by connection. */
class ScheduleCoverageTest {
  private static final List<TileShape> TILES =
      List.of(
          new TileShape(1, 1),
          new TileShape(7, 5),
          new TileShape(16, 64),
          new TileShape(48, 128),
          new TileShape(70, 33));

  @ParameterizedTest
  @ValueSource(strings = {"dense", "window(0)", "window(2)", "window(64)", "window(2147483647)"})
  void everyShortLength(String text) {
    PositionalPattern pattern = (PositionalPattern) AttentionPattern.parse(text);
    for (int tokens = 1; tokens <= 200; tokens++) {
      check(pattern, tokens, TILES.get(tokens % TILES.size()), 1);
    }
  }

  static void check(PositionalPattern pattern, int tokens, TileShape tiles, int tilesPerRange) {
    AttentionSchedule schedule = Schedules.of(pattern, tokens, tiles);
    int[][] counts = Coverage.of(schedule, 0, tilesPerRange * tiles.queryTile());
    for (int query = 0; query < tokens; query++) {
      for (int key = 0; key < tokens; key++) {
        int expected = pattern.attends(query, key, tokens) ? 1 : 0;
        if (expected != counts[query][key]) {
          String where = pattern + " over " + tokens + " tokens in " + tiles;
          assertEquals(
              expected, counts[query][key], where + ": query " + query + ", key " + key);
        }
      }
    }
  }
}
