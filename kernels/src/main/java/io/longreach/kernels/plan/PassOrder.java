package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.KeyLayout;
import io.longreach.kernels.pattern.KeyRows;
import io.longreach.kernels.pattern.KeyRuns;
import java.util.BitSet;

/**
 * Which token stands at which rank of a pass, and how a row by query token and layout index reads
 * by ranks.
 *
 * @param queryOrder rank to token, null for the identity
 * @param keyOrder rank to token, null for the identity
 * @param rate residue classes, 1 if keys are not sorted by residue
 */
record PassOrder(int queries, int keys, int[] queryOrder, int[] keyOrder, int rate) {

  static PassOrder of(KeyLayout layout, int tokens) {
    if (layout instanceof KeyLayout.QueryRows rows) {
      return new PassOrder(rows.queries().length, tokens, rows.queries(), null, 1);
    }
    if (layout instanceof KeyLayout.KeyColumns columns) {
      return new PassOrder(tokens, columns.keys().length, null, columns.keys(), 1);
    }
    if (layout instanceof KeyLayout.Residues residues) {
      int[] order = byResidue(tokens, residues.rate());
      return new PassOrder(tokens, tokens, order, order, residues.rate());
    }
    return new PassOrder(tokens, tokens, null, null, 1);
  }

  private static int[] byResidue(int tokens, int rate) {
    int[] order = new int[tokens];
    int rank = 0;
    for (int residue = 0; residue < Math.min(rate, tokens); residue++) {
      for (long token = residue; token < tokens; token += rate) {
        order[rank++] = (int) token;
      }
    }
    return order;
  }

  int queryToken(int rank) {
    return queryOrder == null ? rank : queryOrder[rank];
  }

  /** Rank of the first token of a residue class: each class before has one token more or less. */
  private int classStart(int residue) {
    int tokens = queries;
    return (int) ((long) residue * (tokens / rate) + Math.min(residue, tokens % rate));
  }

  /** The key ranks of a set of tokens. */
  BitSet keyRanks(BitSet tokens) {
    if (keyOrder == null) {
      return tokens;
    }
    BitSet ranks = new BitSet(keys);
    for (int rank = 0; rank < keys; rank++) {
      ranks.set(rank, tokens.get(keyOrder[rank]));
    }
    return ranks;
  }

  /** Rows by query rank and key rank, from rows by query token and layout index. */
  KeyRows ranked(KeyRows rows) {
    return queryOrder == null ? rows : new Ranked(rows);
  }

  private final class Ranked implements KeyRows {
    private final KeyRows rows;

    Ranked(KeyRows rows) {
      this.rows = rows;
    }

    @Override
    public void keys(int rank, int level, KeyRuns out) {
      int token = queryOrder[rank];
      rows.keys(token, level, out);
      if (rate > 1) {
        out.shift(classStart(token % rate));
      }
    }

    @Override
    public int levels() {
      return rows.levels();
    }

    @Override
    public int period() {
      return rate > 1 ? rows.period() : 0;
    }

    @Override
    public boolean isInner(int first, int last) {
      int token = queryOrder[first];
      int lastToken = queryOrder[last - 1];
      return token % rate == lastToken % rate && rows.isInner(token, lastToken + 1);
    }
  }
}
