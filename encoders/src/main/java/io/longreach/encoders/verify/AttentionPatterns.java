package io.longreach.encoders.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.longreach.kernels.pattern.BigBird;
import io.longreach.kernels.pattern.Block;
import io.longreach.kernels.pattern.Causal;
import io.longreach.kernels.pattern.Chunks;
import io.longreach.kernels.pattern.Dense;
import io.longreach.kernels.pattern.Dilated;
import io.longreach.kernels.pattern.Direction;
import io.longreach.kernels.pattern.KeyLists;
import io.longreach.kernels.pattern.Lsh;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.pattern.RandomBlocks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The patterns that {@code config.json} of an attention case describes. */
final class AttentionPatterns {
  private static final int PADDING_KEY = -1;

  private final GoldenCase golden;
  private final int heads;

  AttentionPatterns(GoldenCase golden, int heads) {
    this.golden = golden;
    this.heads = heads;
  }

  /** The pattern of each head, without global tokens. */
  List<PositionalPattern> positional() {
    List<PositionalPattern> patterns = new ArrayList<>();
    for (int head = 0; head < heads; head++) {
      patterns.add(positional(head));
    }
    return patterns;
  }

  private PositionalPattern positional(int head) {
    String pattern = golden.config().path("pattern").asText();
    boolean causal = golden.flag("causal");
    return switch (pattern) {
      case "dense" -> direct(new Dense(), causal);
      case "window" -> {
        int side = golden.number("window_each_side");
        yield direct(new Dilated(side, side, dilation(head)), causal);
      }
      case "causal_window" -> new Dilated(golden.number("window_back"), 0, dilation(head));
      case "neighbour_blocks" ->
          direct(new Block(golden.number("block_size"), 1, causal ? 0 : 1), causal);
      case "chunked_local" ->
          direct(
              new Chunks(
                  golden.number("chunk_length"),
                  golden.number("num_chunks_before", 1),
                  golden.number("num_chunks_after", 0)),
              causal);
      case "bigbird" -> direct(bigBird(head), causal);
      case "random" -> direct(random(head), causal);
      default ->
          throw new IllegalArgumentException("the pattern of a case must be known, was " + pattern);
    };
  }

  private static PositionalPattern direct(PositionalPattern pattern, boolean causal) {
    return causal ? new Causal(pattern) : pattern;
  }

  private int dilation(int head) {
    JsonNode dilation = golden.config().path("dilation");
    return dilation.isArray() ? dilation.path(head).asInt() : dilation.asInt(1);
  }

  private BigBird bigBird(int head) {
    CaseTensor all = golden.tensors().get("rec.rand_blocks").shaped(-1, -1, -1);
    CaseTensor own = all.at(all.axis(0) == 1 ? 0 : head);
    int random = own.axis(1);
    int[][] blocks =
        Arrays.stream(own.rows())
            .map(row -> Arrays.stream(row).mapToInt(block -> (int) block).toArray())
            .toArray(int[][]::new);
    return new BigBird(golden.number("block_size"), 3, random, 1, RandomBlocks.Given.of(blocks));
  }

  private KeyLists random(int head) {
    CaseTensor keys = golden.tensors().get("rec.keys");
    if (keys.shape().length == 3) {
      keys = keys.at(keys.axis(0) == 1 ? 0 : head);
    }
    List<List<Integer>> lists = new ArrayList<>();
    for (double[] row : keys.shaped(-1, -1).rows()) {
      lists.add(
          Arrays.stream(row).mapToObj(key -> (int) key).filter(key -> key != PADDING_KEY).toList());
    }
    return new KeyLists(lists);
  }

  Lsh lsh() {
    boolean lucidrains = golden.config().path("pattern").asText().equals("lsh_lucidrains");
    return new Lsh(
        buckets(),
        golden.number("num_hashes"),
        golden.number(lucidrains ? "bucket_size" : "chunk_length"),
        golden.number("num_chunks_before", 1),
        golden.number("num_chunks_after", 0),
        golden.flag("causal") ? Direction.CAUSAL : Direction.BIDIRECTIONAL,
        0,
        lucidrains ? Lsh.Variant.LUCIDRAINS : Lsh.Variant.REFORMER,
        Lsh.Hashed.SHARED);
  }

  private List<Integer> buckets() {
    JsonNode buckets = golden.config().path("num_buckets");
    List<Integer> factors = new ArrayList<>();
    if (buckets.isArray()) {
      buckets.forEach(factor -> factors.add(factor.asInt()));
    } else if (buckets.isInt()) {
      factors.add(buckets.asInt());
    }
    return factors;
  }
}
