package io.longreach.kernels.pattern;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The random blocks that the published BigBird draws, block by block as its generator was called.
 *
 * <p><b>Source.</b> google-research/bigbird and transformers, {@code
 * bigbird_block_rand_mask_with_head} for ordinary lengths and {@code bigbird_block_rand_mask} for
 * the paper's.
 */
final class PublishedDraw {
  /** Lengths for which the reference draws by the paper's plan. */
  private static final int[] PAPER_TOKENS = {1024, 3072, 4096};

  /** Random blocks of the paper's plan lie within this many tokens. */
  private static final int PAPER_REACH_TOKENS = 1024;

  private PublishedDraw() {}

  static int[][] draw(BigBird pattern, RandomBlocks.Published source, int blocks) {
    long paddedTokens = (long) blocks * pattern.blockTokens();
    Mt19937 generator = new Mt19937(source.seed() + source.layer());
    boolean paper = IntStream.of(PAPER_TOKENS).anyMatch(tokens -> tokens == paddedTokens);
    if (!paper) {
      return drawOrdinary(generator, source, pattern.randomBlocks(), blocks);
    }
    int[][] drawn = null;
    int planBlocks = (int) (Math.max(paddedTokens, source.maxTokens()) / pattern.blockTokens());
    for (int head = 0; head <= source.head(); head++) {
      drawn = drawPaper(generator, pattern, planBlocks);
    }
    return Arrays.copyOf(drawn, blocks - 2);
  }

  /** Among the first 2r + 5 blocks only; the heads take turns at the generator. */
  private static int[][] drawOrdinary(
      Mt19937 generator, RandomBlocks.Published source, int randomBlocks, int blocks) {
    int reach = 2 * randomBlocks + 5;
    int[] candidates = IntStream.range(0, reach).toArray();
    int[][] drawn = new int[blocks - 2][];
    for (int block = 1; block < blocks - 1; block++) {
      for (int head = 0; head < source.heads(); head++) {
        int[] permuted = generator.permutation(candidates);
        if (head == source.head()) {
          int own = block;
          drawn[block - 1] =
              IntStream.of(permuted)
                  .filter(candidate -> isLegal(own, candidate, reach))
                  .limit(randomBlocks)
                  .toArray();
        }
      }
    }
    return drawn;
  }

  private static boolean isLegal(int block, int candidate, int reach) {
    return Math.abs(candidate - block) > 1
        && candidate != 0
        && candidate != reach - 1
        && !(block == 1 && candidate == reach - 2)
        && !(block == reach - 2 && candidate == 1);
  }

  /** The slices are the reference's own, with what they forget near the end. */
  private static int[][] drawPaper(Mt19937 generator, BigBird pattern, int planBlocks) {
    int[] middle = IntStream.range(1, planBlocks - 1).toArray();
    int last =
        PAPER_REACH_TOKENS > 2 * pattern.blockTokens()
            ? PAPER_REACH_TOKENS / pattern.blockTokens() - 1
            : planBlocks - 1;
    int[][] drawn = new int[planBlocks - 2][];
    for (int block = 1; block < planBlocks - 1; block++) {
      int[] permuted = generator.permutation(candidates(middle, block, last, planBlocks));
      drawn[block - 1] = Arrays.copyOf(permuted, pattern.randomBlocks());
    }
    return drawn;
  }

  private static int[] candidates(int[] middle, int block, int last, int planBlocks) {
    if (block <= 2) {
      return slice(middle, block + 1, last);
    }
    if (block == planBlocks - 3 || block == planBlocks - 2) {
      return slice(middle, 0, last);
    }
    int start = block - 2;
    if (start > last) {
      return slice(middle, 0, last);
    }
    if (block + 1 == last) {
      return slice(middle, 0, start);
    }
    int[] before = slice(middle, 0, start);
    int[] after = slice(middle, block + 1, last);
    int[] both = Arrays.copyOf(before, before.length + after.length);
    System.arraycopy(after, 0, both, before.length, after.length);
    return both;
  }

  /** As Python slices: bounds beyond the end are cut. */
  private static int[] slice(int[] values, int from, int to) {
    int end = Math.min(to, values.length);
    return from >= end ? new int[0] : Arrays.copyOfRange(values, from, end);
  }
}
