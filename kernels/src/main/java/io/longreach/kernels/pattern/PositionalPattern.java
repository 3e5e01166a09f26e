package io.longreach.kernels.pattern;

import java.util.List;
import java.util.Optional;

/**
 * A pattern that depends on positions only.
 *
 * <p>It has two faces: {@link #attends}, the specification that anybody can read and test against,
 * and {@link #parts}, the same connections as runs of keys, which lowering and counting read.
 */
public sealed interface PositionalPattern extends AttentionPattern
    permits Dense,
        SlidingWindow,
        Dilated,
        Global,
        RandomKeys,
        Block,
        Chunks,
        BigBird,
        Strided,
        Fixed,
        KeyLists,
        Causal,
        Union {

  /** The longest text whose mask is written out. */
  int MASK_TOKENS = 4096;

  /**
   * The specification: whether {@code query} may see {@code key} in a document of {@code tokens}.
   *
   * <p>All three are in range: {@code 0 <= query, key < tokens}.
   */
  boolean attends(int query, int key, int tokens);

  /**
   * How often {@code key} enters the softmax of {@code query}: 0 or 1 but for the published models
   * that count a key again.
   */
  default int count(int query, int key, int tokens) {
    return attends(query, key, tokens) ? 1 : 0;
  }

  /**
   * The specification as a table {@code [query][key]}, for texts that fit a page.
   *
   * @param tokens 1 to {@value #MASK_TOKENS}
   */
  default boolean[][] mask(int tokens) {
    Rule.tokens(tokens);
    if (tokens > MASK_TOKENS) {
      throw new IllegalArgumentException(
          "a mask must have at most "
              + MASK_TOKENS
              + " tokens, had "
              + tokens
              + ": count its connections instead");
    }
    boolean[][] mask = new boolean[tokens][tokens];
    for (int query = 0; query < tokens; query++) {
      for (int key = 0; key < tokens; key++) {
        mask[query][key] = attends(query, key, tokens);
      }
    }
    return mask;
  }

  /**
   * The same connections for lowering. Parts may overlap: a key in two parts counts once.
   *
   * @param tokens at least 1
   * @throws IllegalArgumentException if the pattern cannot be laid over that many tokens
   */
  List<KeyPart> parts(int tokens);

  /** How far keys lie from their query; empty where that depends on the length of the text. */
  default Optional<Reach> reach() {
    return Optional.empty();
  }

  @Override
  default PositionalPattern at(int layer, int head, int heads) {
    return this;
  }
}
