package io.longreach.kernels.pattern;

import java.util.List;
import java.util.Optional;

/**
 * The text is cut into blocks; a query sees its own block and so many blocks before and after it.
 * The last block may be short.
 *
 * <pre>
 * block(2) over 5 tokens     block(2, before=1) over 5 tokens
 *   1 1 . . .                  1 1 . . .
 *   1 1 . . .                  1 1 . . .
 *   . . 1 1 .                  1 1 1 1 .
 *   . . 1 1 .                  1 1 1 1 .
 *   . . . . 1                  . . 1 1 1
 * </pre>
 *
 * <p><b>Source.</b> Qiu et al. 2019 (Blockwise self-attention); local attention of Tay et al. 2020.
 */
public record Block(int blockTokens, int blocksBefore, int blocksAfter)
    implements PositionalPattern {
  public Block {
    Rule.atLeast(1, "block tokens", blockTokens);
    Rule.atLeast(0, "blocks before", blocksBefore);
    Rule.atLeast(0, "blocks after", blocksAfter);
  }

  @Override
  public boolean attends(int query, int key, int tokens) {
    long distance = (long) (key / blockTokens) - query / blockTokens;
    return distance >= -(long) blocksBefore && distance <= blocksAfter;
  }

  @Override
  public List<KeyPart> parts(int tokens) {
    KeyRows rows =
        new KeyRows() {
          @Override
          public void keys(int query, int level, KeyRuns out) {
            long own = query / blockTokens;
            out.add(
                Math.max(0, own - blocksBefore) * blockTokens,
                Math.min(tokens, (own + blocksAfter + 1) * blockTokens));
          }

          @Override
          public int sameUntil(int query) {
            return (int) Math.min(tokens, (query / blockTokens + 1L) * blockTokens);
          }

          @Override
          public int period() {
            return blockTokens;
          }

          @Override
          public boolean isInner(int first, int last) {
            long beyond = (last - 1L) / blockTokens + blocksAfter + 1;
            return first / blockTokens - blocksBefore >= 0 && beyond * blockTokens <= tokens;
          }
        };
    return List.of(KeyPart.inTokenOrder(rows));
  }

  @Override
  public Optional<Reach> reach() {
    return Optional.of(
        new Reach(
            (blocksBefore + 1L) * blockTokens - 1,
            (blocksAfter + 1L) * blockTokens - 1,
            blockTokens));
  }

  @Override
  public String toString() {
    return new CallText("block")
        .with(blockTokens)
        .unless(0, "before", blocksBefore)
        .unless(0, "after", blocksAfter)
        .toString();
  }
}
