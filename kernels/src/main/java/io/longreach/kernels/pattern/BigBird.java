package io.longreach.kernels.pattern;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Block-sparse attention: {@code globalBlocks} at each end of the text see and are seen by all; any
 * other query block sees the global blocks, {@code windowBlocks} around itself, and {@code
 * randomBlocks} more.
 *
 * <p><b>Semantics.</b> Global and window blocks are a set; every random block counts in addition,
 * so that one that repeats another counts again, as in the published implementation. The number of
 * blocks is that of {@code tokens} rounded up. Up to {@code windowBlocks + 2 * globalBlocks + 2 *
 * randomBlocks} blocks' tokens the text is dense, as published, unless its random blocks are given.
 *
 * <p><b>Source.</b> Zaheer et al. 2020; google-research/bigbird; transformers {@code
 * BigBirdBlockSparseAttention}, whose model is {@code bigbird(block=64, window=3, random=3,
 * global=1)}.
 */
public record BigBird(
    int blockTokens, int windowBlocks, int randomBlocks, int globalBlocks, RandomBlocks source)
    implements PositionalPattern {
  public BigBird {
    Rule.atLeast(1, "bigbird block tokens", blockTokens);
    Rule.atLeast(1, "bigbird window blocks", windowBlocks);
    Rule.atLeast(0, "bigbird random blocks", randomBlocks);
    Rule.atLeast(0, "bigbird global blocks", globalBlocks);
    Objects.requireNonNull(source, "source");
    if (windowBlocks % 2 == 0) {
      throw new IllegalArgumentException(
          "bigbird window must be odd, the own block in the middle, was "
              + windowBlocks
              + " blocks: choose "
              + (windowBlocks + 1));
    }
    if (source instanceof RandomBlocks.Published && (windowBlocks != 3 || globalBlocks != 1)) {
      throw new IllegalArgumentException(
          "the published draw knows window=3 and global=1 only, were window="
              + windowBlocks
              + " and global="
              + globalBlocks
              + ": add draw=seeded");
    }
  }

  @Override
  public boolean attends(int query, int key, int tokens) {
    return count(query, key, tokens) > 0;
  }

  @Override
  public int count(int query, int key, int tokens) {
    int blocks = blocks(tokens);
    int own = query / blockTokens;
    if (isDense(tokens) || isGlobal(own, blocks)) {
      return 1;
    }
    int seen = key / blockTokens;
    boolean fixed = isGlobal(seen, blocks) || Math.abs(seen - own) <= windowBlocks / 2;
    int[] random = drawn(blocks)[own - globalBlocks];
    return (fixed ? 1 : 0) + (int) IntStream.of(random).filter(block -> block == seen).count();
  }

  private int blocks(int tokens) {
    return (int) (((long) tokens + blockTokens - 1) / blockTokens);
  }

  private boolean isDense(int tokens) {
    if (source instanceof RandomBlocks.Given) {
      return blocks(tokens) <= 2 * globalBlocks;
    }
    return tokens <= (windowBlocks + 2L * globalBlocks + 2L * randomBlocks) * blockTokens;
  }

  private boolean isGlobal(int block, int blocks) {
    return block < globalBlocks || block >= blocks - globalBlocks;
  }

  private int[][] drawn(int blocks) {
    if (Drawn.CACHE.size() >= Drawn.CACHED) {
      Drawn.CACHE.clear();
    }
    return Drawn.CACHE.computeIfAbsent(new Drawn(this, blocks), Drawn::draw);
  }

  /** The specification asks for one connection at a time; drawing each time would be quadratic. */
  private record Drawn(BigBird pattern, int blocks) {
    static final int CACHED = 64;
    static final ConcurrentHashMap<Drawn, int[][]> CACHE = new ConcurrentHashMap<>();

    int[][] draw() {
      return pattern.source.draw(pattern, blocks);
    }
  }

  @Override
  public List<KeyPart> parts(int tokens) {
    if (isDense(tokens)) {
      return new Dense().parts(tokens);
    }
    int blocks = blocks(tokens);
    BlockRows rows = new BlockRows(this, source.draw(this, blocks), blocks, tokens);
    if (globalBlocks == 0) {
      return List.of(KeyPart.inTokenOrder(rows));
    }
    List<Range> ends =
        List.of(
            new Range(0, globalBlocks * blockTokens - 1),
            new Range((blocks - globalBlocks) * blockTokens, tokens - 1));
    int[] global =
        ends.stream().flatMapToInt(r -> IntStream.rangeClosed(r.first(), r.last())).toArray();
    return List.of(
        new KeyPart(new KeyLayout.QueryRows(global), new Global.DenseRows(ends, tokens)),
        KeyPart.inTokenOrder(rows));
  }

  /** The rows of the query blocks that are not global. */
  private static final class BlockRows implements KeyRows {
    private final BigBird pattern;
    private final int blocks;
    private final int tokens;

    /** Key blocks of each query block, ascending, repeats kept. */
    private final int[][] keyBlocks;

    private final int levels;

    BlockRows(BigBird pattern, int[][] random, int blocks, int tokens) {
      this.pattern = pattern;
      this.blocks = blocks;
      this.tokens = tokens;
      this.keyBlocks = new int[random.length][];
      int most = 1;
      for (int row = 0; row < random.length; row++) {
        keyBlocks[row] = allKeyBlocks(row + pattern.globalBlocks, random[row]);
        most = Math.max(most, mostRepeats(keyBlocks[row]));
      }
      this.levels = most;
    }

    private int[] allKeyBlocks(int own, int[] random) {
      int global = pattern.globalBlocks;
      int half = pattern.windowBlocks / 2;
      IntStream window =
          IntStream.rangeClosed(Math.max(0, own - half), Math.min(blocks - 1, own + half));
      IntStream ends =
          IntStream.concat(IntStream.range(0, global), IntStream.range(blocks - global, blocks));
      IntStream fixed = IntStream.concat(window, ends).distinct();
      return IntStream.concat(fixed, IntStream.of(random)).sorted().toArray();
    }

    private static int mostRepeats(int[] sorted) {
      int most = 0;
      for (int i = 0, run = 0; i < sorted.length; i++) {
        run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
        most = Math.max(most, run);
      }
      return most;
    }

    @Override
    public void keys(int query, int level, KeyRuns out) {
      int own = query / pattern.blockTokens;
      if (pattern.isGlobal(own, blocks)) {
        return;
      }
      int[] seen = keyBlocks[own - pattern.globalBlocks];
      for (int i = level; i < seen.length; i++) {
        boolean countsOften = level == 0 || seen[i] == seen[i - level];
        boolean first = i == level || seen[i - level - 1] != seen[i];
        if (countsOften && first) {
          long start = (long) seen[i] * pattern.blockTokens;
          out.add(start, Math.min(tokens, start + pattern.blockTokens));
        }
      }
      out.normalize();
    }

    @Override
    public int levels() {
      return levels;
    }

    @Override
    public int sameUntil(int query) {
      return (int) Math.min(tokens, (query / pattern.blockTokens + 1L) * pattern.blockTokens);
    }
  }

  @Override
  public BigBird at(int layer, int head, int heads) {
    RandomBlocks bound = source.at(layer, head, heads);
    return new BigBird(blockTokens, windowBlocks, randomBlocks, globalBlocks, bound);
  }

  @Override
  public String toString() {
    CallText text =
        new CallText("bigbird")
            .with("block", blockTokens)
            .with("window", windowBlocks)
            .with("random", randomBlocks)
            .with("global", globalBlocks);
    source.print(text::with);
    return text.toString();
  }
}
