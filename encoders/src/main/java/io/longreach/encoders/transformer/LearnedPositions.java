package io.longreach.encoders.transformer;

/**
 * Position ids of models with a table of learned positions.
 *
 * @param range positions that the model has learned
 */
public record LearnedPositions(int range, PositionPolicy policy) {

  /** 0, 1, 2, … whatever the tokens are (BERT, BigBird). */
  public IndexSource counted() {
    return (document, indices, first) -> {
      int tokens = document.tokens();
      for (int token = 0; token < tokens; token++) {
        indices[first + token] = policy.fold(token, tokens, range);
      }
    };
  }

  /**
   * {@code padId + 1, padId + 2, …} over the tokens whose id is not {@code padId}, which gets
   * {@code padId} itself (RoBERTa, Longformer).
   */
  public IndexSource countedBehind(int padId) {
    return (document, indices, first) -> {
      int count = 0;
      for (int id : document.ids()) {
        count += id == padId ? 0 : 1;
      }
      int position = 0;
      for (int token = 0; token < document.tokens(); token++) {
        indices[first + token] =
            document.ids()[token] == padId
                ? padId
                : padId + 1 + policy.fold(position++, count, range);
      }
    };
  }

  /**
   * Rows of the first of two tables that share the positions as places of a grid, row by row
   * (Reformer).
   */
  public IndexSource gridRows(int columns) {
    return (document, indices, first) -> {
      int tokens = document.tokens();
      for (int token = 0; token < tokens; token++) {
        indices[first + token] = policy.fold(token, tokens, range) / columns;
      }
    };
  }

  /** Rows of the second table of a grid. */
  public IndexSource gridColumns(int columns) {
    return (document, indices, first) -> {
      int tokens = document.tokens();
      for (int token = 0; token < tokens; token++) {
        indices[first + token] = policy.fold(token, tokens, range) % columns;
      }
    };
  }
}
