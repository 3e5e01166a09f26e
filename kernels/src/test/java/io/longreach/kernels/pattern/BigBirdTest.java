package io.longreach.kernels.pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BigBirdTest {

  @Test
  void drawsTheBlocksThatThePublishedModelDrew() throws IOException {
    List<String> lines = lines("/golden/bigbird-draws.txt");
    int cases = 0;
    for (int line = 0; line < lines.size(); line++) {
      if (!lines.get(line).startsWith("case: ")) {
        continue;
      }
      int[] numbers = numbers(lines.get(line).substring(6));
      int block = numbers[0];
      int random = numbers[2];
      int heads = numbers[5];
      for (int head = 0; head < heads; head++) {
        RandomBlocks.Published source =
            new RandomBlocks.Published(numbers[3], numbers[4], 0, head, heads);
        int[][] drawn = source.draw(new BigBird(block, 3, random, 1, source), numbers[1] / block);
        String flat =
            Arrays.stream(drawn)
                .flatMapToInt(IntStream::of)
                .mapToObj(String::valueOf)
                .collect(Collectors.joining(" "));
        assertEquals(lines.get(++line), flat, "head " + head + " of " + Arrays.toString(numbers));
      }
      cases++;
    }
    assertEquals(6, cases, "cases in the file");
  }

  @Test
  void seedAndLayerAddUpAsTheReferenceSeedsEachLayer() {
    BigBird layer3 = (BigBird) AttentionPattern.parse("bigbird(block=4)").at(3, 1, 2);
    BigBird seed3 = (BigBird) AttentionPattern.parse("bigbird(block=4, seed=3)").at(0, 1, 2);
    assertTrue(
        Arrays.deepEquals(layer3.source().draw(layer3, 30), seed3.source().draw(seed3, 30)),
        "np.random.seed(layer)");
  }

  @Test
  void zeroBlocksCountAgain() {
    BigBird pattern = (BigBird) AttentionPattern.parse("bigbird(block=2, random=3, draw=zero)");
    assertEquals(4, pattern.count(10, 1, 40), "block 0 counts once and three times more");
    assertEquals(1, pattern.count(10, 39, 40), "the last block");
    assertEquals(0, pattern.count(10, 30, 40), "a block far off");
    assertEquals(1, pattern.count(10, 1, 22), "short texts are dense");
  }

  @Test
  void seededBlocksAreDistinctAndOutsideOfWindowAndEnds() {
    BigBird pattern =
        (BigBird)
            AttentionPattern.parse(
                "bigbird(block=1, window=5, random=6, global=2, draw=seeded, seed=5)");
    int[][] drawn = pattern.source().draw(pattern, 40);
    for (int row = 0; row < drawn.length; row++) {
      int own = row + 2;
      assertEquals(6, IntStream.of(drawn[row]).distinct().count(), "distinct");
      for (int block : drawn[row]) {
        assertTrue(Math.abs(block - own) > 2 && block >= 2 && block < 38, own + " drew " + block);
      }
    }
  }

  @Test
  void givenBlocksMustFitTheText() {
    BigBird pattern = (BigBird) AttentionPattern.parse("bigbird(block=1, random=1, blocks=[3; 4])");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> pattern.parts(30));
    assertTrue(e.getMessage().contains("28 query blocks, were given for 2"), e.getMessage());
  }

  private static List<String> lines(String resource) throws IOException {
    try (InputStream in = BigBirdTest.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static int[] numbers(String line) {
    return Arrays.stream(line.split(" ")).mapToInt(Integer::parseInt).toArray();
  }
}
