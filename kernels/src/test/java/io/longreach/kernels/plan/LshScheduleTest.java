package io.longreach.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longreach.kernels.pattern.AttentionPattern;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.Lsh;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LshScheduleTest {

  @Property(tries = 600)
  void connectsWhatTheDullRouteConnects(
      @ForAll @IntRange(min = 1, max = 300) int tokens,
      @ForAll @IntRange(min = 1, max = 4) int rounds,
      @ForAll @IntRange(min = 1, max = 70) int chunk,
      @ForAll @IntRange(min = 0, max = 2) int before,
      @ForAll @IntRange(min = 0, max = 2) int after,
      @ForAll Direction direction,
      @ForAll Lsh.Variant variant,
      @ForAll Lsh.Hashed hashed,
      @ForAll long seed) {
    Random random = new Random(seed);
    Lsh lsh = new Lsh(List.of(4, 2), rounds, chunk, before, after, direction, 0, variant, hashed);
    BitSet valid = null;
    if (random.nextBoolean()) {
      valid = new BitSet();
      double share = List.of(0.02, 0.5, 0.98).get(random.nextInt(3));
      IntStream.range(0, tokens).filter(t -> random.nextDouble() < share).forEach(valid::set);
    }
    int headDim = 3;
    LshRotations rotations = LshRotations.draw(lsh, 1, 2, headDim, tokens);
    LshBuckets hash = new LshBuckets(lsh, tokens, rotations);
    int[][] queryBuckets = new int[2][];
    int[][] keyBuckets = new int[2][];
    for (int head = 0; head < 2; head++) {
      queryBuckets[head] = hash.of(rows(random, tokens * 3), 0, 3, tokens, head, valid);
      keyBuckets[head] =
          hashed == Lsh.Hashed.SHARED
              ? queryBuckets[head]
              : hash.of(rows(random, tokens * 3), 0, 3, tokens, head, valid);
    }
    TileShape tiles = new TileShape(48, 1 + random.nextInt(140));
    LshSchedule schedule =
        new LshSchedule(lsh, hash, queryBuckets, keyBuckets, tokens, tiles, valid);
    for (int head = 0; head < 2; head++) {
      int[][] counts = Coverage.of(schedule, head, 2 * schedule.queryTile());
      int[][] expected = expected(lsh, queryBuckets[head], keyBuckets[head], tokens, valid);
      for (int query = 0; query < tokens; query++) {
        assertArrayEquals(expected[query], counts[query], "head " + head + ", query " + query);
      }
    }
  }

  private static float[] rows(Random random, int size) {
    float[] rows = new float[size];
    for (int i = 0; i < size; i++) {
      rows[i] = (float) random.nextGaussian();
    }
    return rows;
  }

  /** By sorting with comparisons, and walking every chunk's neighbours key by key. */
  private static int[][] expected(
      Lsh lsh, int[] queryBuckets, int[] keyBuckets, int tokens, BitSet valid) {
    boolean shared = lsh.hashed() == Lsh.Hashed.SHARED;
    int[][] counts = new int[tokens][tokens];
    if (tokens <= lsh.chunkTokens()) {
      for (int[] row : counts) {
        Arrays.fill(row, 1);
      }
    } else {
      List<List<Integer>> queries = chunks(lsh, queryBuckets, tokens);
      List<List<Integer>> keys = chunks(lsh, keyBuckets, tokens);
      for (int chunk = 0; chunk < queries.size(); chunk++) {
        for (int step = -lsh.chunksBefore(); step <= lsh.chunksAfter(); step++) {
          for (int query : queries.get(chunk)) {
            for (int key : keys.get(Math.floorMod(chunk + step, keys.size()))) {
              counts[query][key]++;
            }
          }
        }
      }
    }
    for (int query = 0; query < tokens; query++) {
      boolean queryValid = valid == null || valid.get(query);
      boolean meetsAny = false;
      for (int key = 0; key < tokens; key++) {
        boolean hidden = !queryValid || !(valid == null || valid.get(key));
        hidden |= lsh.direction() == Direction.CAUSAL && key > query;
        hidden |= shared && key == query;
        counts[query][key] = hidden ? 0 : counts[query][key];
        meetsAny |= counts[query][key] > 0;
      }
      if (shared && !meetsAny && queryValid) {
        counts[query][query] = 1;
      }
    }
    return counts;
  }

  private static List<List<Integer>> chunks(Lsh lsh, int[] buckets, int tokens) {
    List<List<Integer>> chunks = new ArrayList<>();
    for (int round = 0; round < lsh.rounds(); round++) {
      int first = round * tokens;
      List<Integer> sorted =
          IntStream.range(0, tokens)
              .boxed()
              .sorted(Comparator.comparingInt((Integer t) -> buckets[first + t]))
              .toList();
      for (int start = 0; start < tokens; start += lsh.chunkTokens()) {
        chunks.add(sorted.subList(start, Math.min(tokens, start + lsh.chunkTokens())));
      }
    }
    return chunks;
  }

  @Test
  void aTokenThatMeetsNobodySeesItself() {
    Lsh lsh = (Lsh) AttentionPattern.parse("causal(lsh(buckets=2, rounds=2, chunk=2))");
    LshBuckets hash = new LshBuckets(lsh, 4, LshRotations.draw(lsh, 0, 1, 4, 4));
    int[][] buckets = {{0, 1, 0, 1, 0, 1, 0, 1}};
    LshSchedule schedule = new LshSchedule(lsh, hash, buckets, buckets, 4, TileShape.DEFAULT, null);
    int[][] counts = Coverage.of(schedule, 0, schedule.queryTile());
    assertArrayEquals(new int[] {1, 0, 0, 0}, counts[0], "token 0 has nobody before it");
    assertEquals(0, counts[3][3], "token 3 meets others");
  }

  @Test
  void theFirstOfEqualScoresWins() {
    Lsh lsh = (Lsh) AttentionPattern.parse("lsh(buckets=4x2, rounds=1, chunk=2)");
    // columns: two of the first factor, one of the second
    float[] values = {1, 1, -1, 0, 0, 2};
    LshBuckets hash = new LshBuckets(lsh, 4, new LshRotations(values, 1, 2, 1, 3));
    float[] rows = {1, 0, -1, 0, 0, 0, 0, 5};
    // (1, 1 | -1): first of the two, then -x; (-1, -1 | 1): first negative; zeros: the first of all
    assertArrayEquals(new int[] {4, 2, 0, 0}, hash.of(rows, 0, 2, 4, 0, null));
    BitSet valid = new BitSet();
    valid.set(1);
    assertArrayEquals(
        new int[] {8, 2, 8, 8}, hash.of(rows, 0, 2, 4, 0, valid), "masked rows go apart");
  }

  @Test
  void rotationsDependOnSeedAndLayerOnly() {
    Lsh lsh = (Lsh) AttentionPattern.parse("lsh(buckets=8, rounds=2, chunk=4, seed=5)");
    float[] draw = LshRotations.draw(lsh, 3, 2, 64, 100).values();
    assertArrayEquals(draw, LshRotations.draw(lsh, 3, 2, 64, 1000).values());
    assertTrue(draw[0] != LshRotations.draw(lsh, 4, 2, 64, 100).values()[0], "layers differ");
    double mean = IntStream.range(0, draw.length).mapToDouble(i -> draw[i]).average().orElse(9);
    double square =
        IntStream.range(0, draw.length).mapToDouble(i -> draw[i] * draw[i]).average().orElse(9);
    assertEquals(0, mean, 0.15, "mean of 1,024 normal numbers");
    assertEquals(1, square, 0.2, "their variance");
  }

  @Test
  void bucketsByLength() {
    Lsh lsh = (Lsh) AttentionPattern.parse("lsh(rounds=1, chunk=64)");
    assertEquals(List.of(2), lsh.bucketFactors(64));
    assertEquals(List.of(32), lsh.bucketFactors(1024));
    assertEquals(List.of(128), lsh.bucketFactors(4096));
    assertEquals(List.of(256 / 16, 16), lsh.bucketFactors(8192), "beyond 2 x chunk: two factors");
  }

  @Test
  void rotationsMustSuit() {
    Lsh lsh = (Lsh) AttentionPattern.parse("lsh(buckets=8, rounds=2, chunk=4)");
    LshRotations other = new LshRotations(new float[3], 1, 1, 1, 3);
    assertThrows(IllegalArgumentException.class, () -> new LshBuckets(lsh, 100, other));
  }
}
