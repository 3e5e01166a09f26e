package io.longreach.kernels.pattern;

import java.util.List;

/**
 * The strided pattern of the Sparse Transformer: the tokens within one stride, and every stride-th
 * token of the text. The published, autoregressive form is {@code causal(strided(64))}.
 *
 * <p>A head that has only one of the two halves is {@code window(64)} or {@code dilated(2147483647,
 * rate=64)}.
 *
 * <p><b>Source.</b> Child et al. 2019, section 4.3: A1 = {i - l .. i}, A2 = {j : (i - j) mod l =
 * 0}.
 */
public record Strided(int strideTokens) implements PositionalPattern {
  public Strided {
    Rule.atLeast(1, "stride", strideTokens);
  }

  @Override
  public boolean attends(int query, int key, int tokens) {
    int distance = Math.abs(query - key);
    return distance <= strideTokens || distance % strideTokens == 0;
  }

  @Override
  public List<KeyPart> parts(int tokens) {
    if (strideTokens == 1) {
      return new Dense().parts(tokens);
    }
    KeyLayout classes = new KeyLayout.Residues(strideTokens);
    KeyRows whole = (query, level, out) -> out.add(0, classes.indexOf(query, tokens));
    return List.of(
        new SlidingWindow(strideTokens, strideTokens).parts(tokens).get(0),
        new KeyPart(classes, whole));
  }

  @Override
  public String toString() {
    return "strided(" + strideTokens + ")";
  }
}
