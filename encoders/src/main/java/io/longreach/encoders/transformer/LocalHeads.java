package io.longreach.encoders.transformer;

import io.longreach.kernels.pattern.Global;
import io.longreach.kernels.pattern.PositionalPattern;
import io.longreach.kernels.pattern.Range;
import io.longreach.kernels.pattern.Reach;
import io.longreach.kernels.pattern.Union;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A layer's pattern taken apart into what reaches a bounded distance and the global tokens.
 *
 * @param heads the bounded part of each head
 * @param reach of all heads together
 * @param globalTokens of every head, ascending; none if empty
 */
record LocalHeads(List<PositionalPattern> heads, Reach reach, int[] globalTokens) {

  /** Empty where a head has no bounded part, or heads have different global tokens. */
  static Optional<LocalHeads> of(List<PositionalPattern> patterns) {
    List<PositionalPattern> heads = new ArrayList<>();
    List<Range> globals = null;
    Optional<Reach> reach = Optional.of(new Reach(0, 0, 1));
    for (PositionalPattern pattern : patterns) {
      List<PositionalPattern> bounded = new ArrayList<>();
      List<Range> own = new ArrayList<>();
      List<PositionalPattern> members =
          pattern instanceof Union union ? union.members() : List.of(pattern);
      for (PositionalPattern member : members) {
        if (member instanceof Global global) {
          own.addAll(global.ranges());
        } else {
          bounded.add(member);
        }
      }
      own = own.isEmpty() ? own : new Global(own).ranges();
      if (bounded.isEmpty() || (globals != null && !globals.equals(own))) {
        return Optional.empty();
      }
      globals = own;
      PositionalPattern local = bounded.size() == 1 ? bounded.get(0) : new Union(bounded);
      heads.add(local);
      reach = Reach.union(reach, local.reach());
    }
    int[] tokens =
        globals.stream().flatMapToInt(r -> IntStream.rangeClosed(r.first(), r.last())).toArray();
    return reach.map(bound -> new LocalHeads(heads, bound, tokens));
  }

  /** The heads with the global tokens standing at rows from {@code row} on. */
  List<PositionalPattern> withGlobalsAt(int row) {
    Global globals = new Global(List.of(new Range(row, row + globalTokens.length - 1)));
    return heads.stream().map(head -> (PositionalPattern) Union.of(head, globals)).toList();
  }

  /**
   * Rows {@code [0, rows + globalTokens)} of a window but for the global tokens among the first
   * {@code rows}, which would else be seen twice; null if there are none.
   */
  BitSet withoutGlobals(int firstToken, int rows) {
    BitSet valid = new BitSet();
    valid.set(0, rows + globalTokens.length);
    for (int token : globalTokens) {
      if (token >= firstToken && token < firstToken + rows) {
        valid.clear(token - firstToken);
      }
    }
    return valid.cardinality() == rows + globalTokens.length ? null : valid;
  }
}
