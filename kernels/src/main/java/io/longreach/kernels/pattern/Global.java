package io.longreach.kernels.pattern;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Fixed tokens that see every key and are seen by every query; other queries see nothing else.
 *
 * <pre>
 * global(1) over 5 tokens
 *   . 1 . . .
 *   1 1 1 1 1
 *   . 1 . . .
 *   . 1 . . .
 *   . 1 . . .
 * </pre>
 *
 * <p><b>Source.</b> Beltagy et al. 2020 (Longformer), section 3.1; Zaheer et al. 2020 (BigBird).
 *
 * @param ranges the global tokens; merged and sorted
 */
public record Global(List<Range> ranges) implements PositionalPattern {
  /** As many runs cost less as entries of the token-order pass than as a pass of their own. */
  private static final int RUNS_IN_TOKEN_ORDER = 4;

  public Global {
    ranges = Range.merge(ranges);
    if (ranges.isEmpty()) {
      throw new IllegalArgumentException(
          "global must name at least one token, named none: write global(0)");
    }
  }

  /** The tokens one by one. */
  public static Global of(int... tokens) {
    return new Global(IntStream.of(tokens).mapToObj(token -> new Range(token, token)).toList());
  }

  @Override
  public boolean attends(int query, int key, int tokens) {
    return Range.anyContains(ranges, query) || Range.anyContains(ranges, key);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if a global token lies beyond the text
   */
  @Override
  public List<KeyPart> parts(int tokens) {
    int last = ranges.get(ranges.size() - 1).last();
    if (last >= tokens) {
      throw new IllegalArgumentException(
          "global token must lie within the text, was token "
              + last
              + " of "
              + tokens
              + " tokens: leave it out or take a longer text");
    }
    int[] members =
        ranges.stream().flatMapToInt(r -> IntStream.rangeClosed(r.first(), r.last())).toArray();
    return List.of(
        new KeyPart(new KeyLayout.QueryRows(members), new DenseRows(ranges, tokens)),
        columns(members, tokens));
  }

  /** Whole rows of the queries in {@code ranges}, nothing for others. */
  record DenseRows(List<Range> ranges, int tokens) implements KeyRows {
    @Override
    public void keys(int query, int level, KeyRuns out) {
      if (Range.anyContains(ranges, query)) {
        out.add(0, tokens);
      }
    }

    @Override
    public int sameUntil(int query) {
      int until = tokens;
      for (Range range : ranges) {
        if (range.contains(query)) {
          return range.last() + 1;
        } else if (range.first() > query) {
          until = Math.min(until, range.first());
        }
      }
      return until;
    }
  }

  private KeyPart columns(int[] members, int tokens) {
    boolean few = ranges.size() <= RUNS_IN_TOKEN_ORDER;
    KeyRows columns =
        new KeyRows() {
          @Override
          public void keys(int query, int level, KeyRuns out) {
            if (few) {
              ranges.forEach(range -> out.add(range.first(), range.last() + 1L));
            } else {
              out.add(0, members.length);
            }
          }

          @Override
          public int sameUntil(int query) {
            return tokens;
          }

          @Override
          public int period() {
            return 1;
          }

          @Override
          public boolean isInner(int first, int last) {
            return true;
          }
        };
    return few
        ? KeyPart.inTokenOrder(columns)
        : new KeyPart(new KeyLayout.KeyColumns(members), columns);
  }

  @Override
  public String toString() {
    return "global(" + Range.join(ranges, ", ") + ")";
  }
}
