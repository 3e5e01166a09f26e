package io.longreach.kernels.pattern;

import java.util.Arrays;

/**
 * How a part of a pattern numbers the keys of a query, so that its connections come in runs.
 * Indices ascend with the tokens in every layout.
 */
public sealed interface KeyLayout {

  /** The token that {@code query} knows by {@code index}. */
  int token(int query, int index);

  /** The number of indices whose token is below {@code token}. */
  int indexOf(int query, long token);

  /** Whether indices are tokens. */
  default boolean indexIsToken() {
    return true;
  }

  /** Keys are numbered by token: windows, blocks. */
  record Tokens() implements KeyLayout {
    @Override
    public int token(int query, int index) {
      return index;
    }

    @Override
    public int indexOf(int query, long token) {
      return (int) token;
    }
  }

  /**
   * Keys are numbered by token, and only few queries have any: global tokens, which are worth a
   * compact pass of their own.
   *
   * @param queries ascending; not copied
   */
  record QueryRows(int[] queries) implements KeyLayout {
    @Override
    public int token(int query, int index) {
      return index;
    }

    @Override
    public int indexOf(int query, long token) {
      return (int) token;
    }
  }

  /**
   * Only these keys are seen by anybody, numbered in order.
   *
   * @param keys ascending; not copied
   */
  record KeyColumns(int[] keys) implements KeyLayout {
    @Override
    public int token(int query, int index) {
      return keys[index];
    }

    @Override
    public int indexOf(int query, long token) {
      if (token > Integer.MAX_VALUE) {
        return keys.length;
      }
      int found = Arrays.binarySearch(keys, (int) token);
      return found >= 0 ? found : -found - 1;
    }

    @Override
    public boolean indexIsToken() {
      return false;
    }
  }

  /** A query sees keys of its own residue only; they are numbered along the residue class. */
  record Residues(int rate) implements KeyLayout {
    @Override
    public int token(int query, int index) {
      return query % rate + index * rate;
    }

    @Override
    public int indexOf(int query, long token) {
      long past = token - query % rate;
      return past <= 0 ? 0 : (int) ((past + rate - 1) / rate);
    }

    @Override
    public boolean indexIsToken() {
      return false;
    }
  }

  /** Keys are numbered by token, and lie scattered: random keys, which are gathered one by one. */
  record Scattered() implements KeyLayout {
    @Override
    public int token(int query, int index) {
      return index;
    }

    @Override
    public int indexOf(int query, long token) {
      return (int) token;
    }
  }
}
