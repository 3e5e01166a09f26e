package io.longreach.kernels.pattern;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The fixed pattern of the Sparse Transformer: the own block, and the last {@code summaryTokens}
 * tokens of every block. The published, autoregressive form is {@code causal(fixed(128,
 * summary=8))}.
 *
 * <p><b>Source.</b> Child et al. 2019, section 4.3: A1 = {j : j div l = i div l}, A2 = {j : j mod l
 * >= l - c}.
 */
public record Fixed(int blockTokens, int summaryTokens) implements PositionalPattern {
  public Fixed {
    Rule.atLeast(1, "fixed block tokens", blockTokens);
    Rule.atLeast(1, "fixed summary tokens", summaryTokens);
    if (summaryTokens > blockTokens) {
      throw new IllegalArgumentException(
          "summary tokens must fit their block of "
              + blockTokens
              + " tokens, were "
              + summaryTokens
              + ": choose fewer");
    }
  }

  @Override
  public boolean attends(int query, int key, int tokens) {
    return query / blockTokens == key / blockTokens || isSummary(key);
  }

  private boolean isSummary(int key) {
    return key % blockTokens >= blockTokens - summaryTokens;
  }

  @Override
  public List<KeyPart> parts(int tokens) {
    int[] summary = IntStream.range(0, tokens).filter(this::isSummary).toArray();
    KeyRows all =
        new KeyRows() {
          @Override
          public void keys(int query, int level, KeyRuns out) {
            out.add(0, summary.length);
          }

          @Override
          public int sameUntil(int query) {
            return tokens;
          }
        };
    return List.of(
        new Block(blockTokens, 0, 0).parts(tokens).get(0),
        new KeyPart(new KeyLayout.KeyColumns(summary), all));
  }

  @Override
  public String toString() {
    return new CallText("fixed").with(blockTokens).with("summary", summaryTokens).toString();
  }
}
