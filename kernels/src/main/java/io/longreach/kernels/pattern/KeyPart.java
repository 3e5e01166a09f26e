package io.longreach.kernels.pattern;

/**
 * A part of a pattern: the keys of every query, by query token and in the indices of the layout.
 *
 * @param layout how keys are numbered
 * @param rows the keys; for queries that a {@link KeyLayout.QueryRows} layout lacks there are none
 */
public record KeyPart(KeyLayout layout, KeyRows rows) {
  private static final KeyLayout TOKENS = new KeyLayout.Tokens();
  private static final KeyLayout SCATTERED = new KeyLayout.Scattered();

  static KeyPart inTokenOrder(KeyRows rows) {
    return new KeyPart(TOKENS, rows);
  }

  static KeyPart scattered(KeyRows rows) {
    return new KeyPart(SCATTERED, rows);
  }

  /** The same part without keys later than their query. */
  KeyPart causal() {
    KeyRows all = rows;
    KeyRows clipped =
        new KeyRows() {
          @Override
          public void keys(int query, int level, KeyRuns out) {
            all.keys(query, level, out);
            out.remove(layout.indexOf(query, query + 1L), Integer.MAX_VALUE);
          }

          @Override
          public int levels() {
            return all.levels();
          }

          @Override
          public int period() {
            return all.period();
          }

          @Override
          public boolean isInner(int first, int last) {
            return all.isInner(first, last);
          }
        };
    return new KeyPart(layout, clipped);
  }
}
