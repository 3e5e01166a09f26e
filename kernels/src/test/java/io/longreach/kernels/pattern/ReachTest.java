package io.longreach.kernels.pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReachTest {
  private static final int TOKENS = 130;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "window(7)",
        "window(left=3, right=11)",
        "dilated(4, rate=5)",
        "block(9)",
        "block(6, before=2, after=1)",
        "causal(block(6, after=1))",
        "window(5) + dilated(left=1, right=6, rate=3)",
        "block(4) + causal(block(6))"
      })
  void keysLieWithinReachAndThePatternMovesByItsPeriod(String text) {
    PositionalPattern pattern = (PositionalPattern) AttentionPattern.parse(text);
    Reach reach = pattern.reach().orElseThrow();
    int period = (int) reach.periodTokens();
    for (int query = 0; query < TOKENS; query++) {
      for (int key = 0; key < TOKENS; key++) {
        boolean attends = pattern.attends(query, key, TOKENS);
        String where = text + ": query " + query + ", key " + key;
        assertTrue(
            !attends || (key >= query - reach.leftTokens() && key <= query + reach.rightTokens()),
            where);
        assertEquals(
            attends, pattern.attends(query + period, key + period, TOKENS + period), where);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense", "global(0)", "window(3) + random(2)", "chunks(8)", "strided(4)"})
  void othersHaveNoBound(String text) {
    PositionalPattern pattern = (PositionalPattern) AttentionPattern.parse(text);
    assertTrue(pattern.reach().isEmpty(), text);
  }
}
