package io.longreach.encoders.transformer;

/**
 * Position ids of models with a table of learned positions.
 *
 * @param range positions that the model has learned
 */
public record LearnedPositions(int range, PositionPolicy policy) {

  /** 0, 1, 2, … whatever the tokens are (BERT, BigBird). */
  public IndexSource counted() {
    return document -> {
      int tokens = document.tokens();
      return IndexSource.each(token -> policy.fold(token, tokens, range));
    };
  }

  /**
   * {@code padId + 1, padId + 2, …} over the tokens whose id is not {@code padId}, which gets
   * {@code padId} itself (RoBERTa, Longformer).
   */
  public IndexSource countedBehind(int padId) {
    return document -> {
      int[] ids = document.ids();
      int count = 0;
      for (int id : ids) {
        count += id == padId ? 0 : 1;
      }
      return new CountedBehind(ids, padId, count);
    };
  }

  private final class CountedBehind implements IndexSource.Reader {
    private final int[] ids;
    private final int padId;
    private final int count;
    private int token;
    private int position;

    CountedBehind(int[] ids, int padId, int count) {
      this.ids = ids;
      this.padId = padId;
      this.count = count;
    }

    @Override
    public void next(int[] indices, int first, int last) {
      for (int at = first; at < last; at++) {
        indices[at] =
            ids[token++] == padId ? padId : padId + 1 + policy.fold(position++, count, range);
      }
    }
  }

  /**
   * Rows of the first of two tables that share the positions as places of a grid, row by row
   * (Reformer).
   */
  public IndexSource gridRows(int columns) {
    return document -> {
      int tokens = document.tokens();
      return IndexSource.each(token -> policy.fold(token, tokens, range) / columns);
    };
  }

  /** Rows of the second table of a grid. */
  public IndexSource gridColumns(int columns) {
    return document -> {
      int tokens = document.tokens();
      return IndexSource.each(token -> policy.fold(token, tokens, range) % columns);
    };
  }
}
