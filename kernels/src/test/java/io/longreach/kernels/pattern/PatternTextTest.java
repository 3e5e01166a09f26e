package io.longreach.kernels.pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PatternTextTest {

  @Provide
  Arbitrary<AttentionPattern> patterns() {
    return PatternArbitraries.any();
  }

  @Property(tries = 500)
  void whatIsPrintedIsReadBack(@ForAll("patterns") AttentionPattern pattern) {
    assertEquals(pattern, AttentionPattern.parse(pattern.toString()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense",
        "window(256)",
        "window(left=3, right=0)",
        "dilated(64, rate=4)",
        "window(128) + global(0)",
        "global(0, 5, 10-13)",
        "bigbird(block=64, window=3, random=3, global=1)",
        "bigbird(block=64, window=5, random=3, global=2, draw=seeded, seed=9)",
        "bigbird(block=16, window=3, random=2, global=1, blocks=[3 5; 1 2])",
        "lsh(buckets=128, rounds=4, chunk=64)",
        "lsh(buckets=8x16, rounds=4, chunk=64, after=1, variant=lucidrains)",
        "causal(lsh(rounds=2, chunk=64))",
        "performer(features=256)",
        "causal(performer(features=256, kernel=relu, seed=7))",
        "block(64)",
        "block(64, before=1, after=1)",
        "random(16)",
        "causal(strided(64))",
        "fixed(128, summary=8)",
        "chunks(64)",
        "keys(0 1; 1 2; 2)",
        "heads(0-5: window(64); *: dilated(64, rate=4))",
        "0-3: window(64); 4-11: window(512) + global(0)",
        "0,2,4: heads(0: dense; *: window(2)); *: lsh(rounds=2, chunk=64)",
      })
  void canonicalTexts(String text) {
    assertEquals(text, AttentionPattern.parse(text).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Window( 256 )|window(256)",
        "window(left=4,right=4)|window(4)",
        "window(tokens=4)|window(4)",
        "dilated(steps=4, rate=2)|dilated(4, rate=2)",
        "(window(1)+(global(3, 1-2)+dense))|window(1) + global(1-3) + dense",
        "bigbird(block=64)|bigbird(block=64, window=3, random=3, global=1)",
        "causal(causal(performer(features=8)))|causal(performer(features=8))",
        "4-11:dense;0-3 , 3:window(1)|4-11: dense; 0-3: window(1)",
      })
  void otherSpellings(String text, String canonical) {
    assertEquals(canonical, AttentionPattern.parse(text).toString());
  }

  /** Column of the caret, and the words that must be in the message. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "windw(3)|0|did you mean 'window'",
        "window(3) + golbal(0)|12|did you mean 'global'",
        "window(3|8|expected ')', found the end",
        "window(3))|9|expected '+' or the end, found ')'",
        "window(-1)|0|window must not be negative, was -1",
        "window(99999999999)|7|must be at most 2147483647, was 99999999999",
        "window(left=3)|0|window needs right",
        "window(3, rigth=4)|10|window has no argument 'rigth'",
        "window(3, 4)|10|takes no value here",
        "window(3, left=1)|0|window needs right",
        "window(x)|7|must be a whole number, was 'x'",
        "dilated(3)|0|dilated needs rate",
        "dilated(3, rate=0)|0|rate must be at least 1, was 0",
        "dilated(3, rate=1, rate=2)|19|given twice",
        "global()|0|must name at least one token",
        "global(5-3)|7|must ascend",
        "global(-1)|7|a range must",
        "window(3) + performer(features=4)|12|positions only",
        "bigbird(block=64, window=4)|0|must be odd",
        "bigbird(block=64, window=5)|0|add draw=seeded",
        "bigbird(block=64, draw=publishd)|23|must be one of published, seeded, zero",
        "lsh(buckets=7, rounds=1, chunk=4)|0|must be even",
        "fixed(4, summary=5)|0|must fit their block",
        "causal(dense|12|expected ')'",
        "0-3: dense; 3: window(1)|0|layer 3 has two",
        "heads(0: lsh(rounds=1, chunk=4))|0|must name a positional pattern",
        "0-3 dense|0|a range must",
        "''|0|expected the name of a pattern, found the end",
        "dense +|7|expected the name of a pattern, found the end",
      })
  void errorsPointAtTheCharacter(String text, int column, String words) {
    PatternFormatException e =
        assertThrows(PatternFormatException.class, () -> AttentionPattern.parse(text));
    assertTrue(e.getMessage().contains(words), e.getMessage());
    assertEquals(column, e.position(), e.getMessage());
    String[] lines = e.getMessage().split("\n");
    assertEquals("  " + text, lines[1], "the text is shown");
    assertEquals("  " + " ".repeat(column) + "^", lines[2], "the caret stands below the character");
  }

  @Test
  void bracketsAreLimitedInDepth() {
    String deep = "(".repeat(100_000) + "dense";
    assertThrows(PatternFormatException.class, () -> AttentionPattern.parse(deep));
  }

  @Test
  void choicesByLayerAndHead() {
    AttentionPattern pattern =
        AttentionPattern.parse("0-3: heads(0: window(1); *: random(2)); 5: dense");
    assertEquals(new SlidingWindow(1, 1), pattern.at(3, 0, 2));
    assertEquals(new RandomKeys(2, 0, 3, 1), pattern.at(3, 1, 2));
    assertEquals(new Dense(), pattern.at(5, 1, 2));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> pattern.at(4, 0, 2));
    assertTrue(e.getMessage().contains("layer 4 has none"), e.getMessage());
  }

  @Test
  void unionsAreTakenApart() {
    Union inner = Union.of(new Dense(), new SlidingWindow(1, 1));
    assertEquals(3, Union.of(inner, Global.of(0)).members().size());
    assertThrows(IllegalArgumentException.class, () -> new Union(List.of(new Dense())));
  }
}
