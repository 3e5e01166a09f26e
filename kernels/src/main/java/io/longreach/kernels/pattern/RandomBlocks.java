package io.longreach.kernels.pattern;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Where {@link BigBird} takes its random blocks from. */
public sealed interface RandomBlocks {

  /**
   * The random key blocks of every query block that is not global, in their order.
   *
   * @param blocks blocks of the text
   * @return {@code [blocks - 2 * globalBlocks][randomBlocks]}, repeats allowed
   */
  int[][] draw(BigBird pattern, int blocks);

  /** The same source at another place. */
  default RandomBlocks at(int layer, int head, int heads) {
    return this;
  }

  /** Gives its arguments, as the text form names them, to {@code arguments}. */
  void print(BiConsumer<String, Object> arguments);

  /**
   * The draw of the published implementation (transformers before 4.29, and training): NumPy's
   * legacy generator, seeded by {@code seed + layer}; one generator serves all heads of the layer.
   *
   * @param maxTokens the model's max_position_embeddings, on which the draw for 1024, 3072 and 4096
   *     tokens depends
   */
  record Published(long seed, int maxTokens, int layer, int head, int heads)
      implements RandomBlocks {
    public static final int USUAL_MAX_TOKENS = 4096;

    public Published {
      Rule.atLeast(1, "bigbird positions", maxTokens);
      Rule.atLeast(0, "bigbird layer", layer);
      Rule.atLeast(0, "bigbird head", head);
      if (head >= heads) {
        throw new IllegalArgumentException(
            "bigbird head must be below heads " + heads + ", was " + head + ": count from 0");
      }
    }

    public Published(long seed) {
      this(seed, USUAL_MAX_TOKENS, 0, 0, 1);
    }

    @Override
    public int[][] draw(BigBird pattern, int blocks) {
      return PublishedDraw.draw(pattern, this, blocks);
    }

    @Override
    public Published at(int layer, int head, int heads) {
      return new Published(seed, maxTokens, layer, head, heads);
    }

    @Override
    public void print(BiConsumer<String, Object> arguments) {
      if (seed != 0) {
        arguments.accept("seed", seed);
      }
      if (maxTokens != USUAL_MAX_TOKENS) {
        arguments.accept("positions", maxTokens);
      }
      if (layer != 0) {
        arguments.accept("layer", layer);
      }
      if (heads != 1) {
        arguments.accept("head", head);
        arguments.accept("heads", heads);
      }
    }
  }

  /** All block 0, as the published implementation does since 4.29 in evaluation. */
  record Zero() implements RandomBlocks {
    @Override
    public int[][] draw(BigBird pattern, int blocks) {
      return new int[blocks - 2 * pattern.globalBlocks()][pattern.randomBlocks()];
    }

    @Override
    public void print(BiConsumer<String, Object> arguments) {
      arguments.accept("draw", "zero");
    }
  }

  /** The paper's rule: distinct blocks of the whole text outside window and global blocks. */
  record Seeded(long seed, int layer, int head) implements RandomBlocks {
    public Seeded {
      Rule.atLeast(0, "bigbird layer", layer);
      Rule.atLeast(0, "bigbird head", head);
    }

    @Override
    public int[][] draw(BigBird pattern, int blocks) {
      int global = pattern.globalBlocks();
      int[][] drawn = new int[blocks - 2 * global][pattern.randomBlocks()];
      if (pattern.randomBlocks() == 0) {
        return drawn;
      }
      for (int row = 0; row < drawn.length; row++) {
        int own = row + global;
        int left = Math.max(global, own - pattern.windowBlocks() / 2);
        int right = Math.min(blocks - global, own + pattern.windowBlocks() / 2 + 1);
        int free = blocks - 2 * global - (right - left);
        drawn[row] = new RandomKeys(pattern.randomBlocks(), seed, layer, head).keys(own, free);
        for (int i = 0; i < drawn[row].length; i++) {
          int block = drawn[row][i] + global;
          drawn[row][i] = block < left ? block : block + (right - left);
        }
      }
      return drawn;
    }

    @Override
    public Seeded at(int layer, int head, int heads) {
      return new Seeded(seed, layer, head);
    }

    @Override
    public void print(BiConsumer<String, Object> arguments) {
      arguments.accept("draw", "seeded");
      if (seed != 0) {
        arguments.accept("seed", seed);
      }
      if (layer != 0) {
        arguments.accept("layer", layer);
      }
      if (head != 0) {
        arguments.accept("head", head);
      }
    }
  }

  /**
   * Given from outside: {@code blocks=[3 5; 1 2]}, a list for each query block that is not global.
   */
  record Given(List<List<Integer>> lists) implements RandomBlocks {
    public Given {
      List<List<Integer>> copy = new ArrayList<>();
      lists.forEach(list -> copy.add(List.copyOf(list)));
      lists = List.copyOf(copy);
    }

    @Override
    public int[][] draw(BigBird pattern, int blocks) {
      int rows = blocks - 2 * pattern.globalBlocks();
      if (lists.size() != rows) {
        throw new IllegalArgumentException(
            "random blocks must be given for each of "
                + rows
                + " query blocks, were given for "
                + lists.size()
                + ": give one list per block of the text");
      }
      return lists.stream().map(list -> checked(list, blocks)).toArray(int[][]::new);
    }

    private static int[] checked(List<Integer> list, int blocks) {
      for (int block : list) {
        if (block < 0 || block >= blocks) {
          throw new IllegalArgumentException(
              "a random block must be one of " + blocks + ", was " + block + ": count from 0");
        }
      }
      return list.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public void print(BiConsumer<String, Object> arguments) {
      arguments.accept(
          "blocks",
          lists.stream()
              .map(list -> list.stream().map(String::valueOf).collect(Collectors.joining(" ")))
              .collect(Collectors.joining("; ", "[", "]")));
    }

    /** From rows as implementations record them. */
    public static Given of(int[][] rows) {
      List<List<Integer>> lists = new ArrayList<>();
      for (int[] row : rows) {
        lists.add(IntStream.of(row).boxed().toList());
      }
      return new Given(lists);
    }
  }
}
