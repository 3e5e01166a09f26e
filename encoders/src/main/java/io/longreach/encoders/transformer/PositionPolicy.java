package io.longreach.encoders.transformer;

import java.util.Locale;

/** How a model with a table of learned positions reads a document longer than the table. */
public enum PositionPolicy {
  /** The table repeats. Source: Longformer, section 5, which starts its training so. */
  TILE {
    @Override
    int fold(int position, int count, int range) {
      return position % range;
    }
  },
  /** The document's positions are compressed into the table. */
  STRETCH {
    @Override
    int fold(int position, int count, int range) {
      return count <= range ? position : (int) ((long) position * range / count);
    }
  },
  /** An error beyond the table. */
  NATIVE {
    @Override
    int fold(int position, int count, int range) {
      if (count > range) {
        throw new IllegalArgumentException(
            "a document must have at most "
                + range
                + " tokens with positions=native, had "
                + count
                + ": use positions=tile or maxTokens="
                + range);
      }
      return position;
    }
  };

  /**
   * The learned position that stands for a position of a document.
   *
   * @param position from 0
   * @param count positions of the document
   * @param range positions that the model has learned
   */
  abstract int fold(int position, int count, int range);

  /**
   * Reads {@code tile}, {@code stretch} or {@code native}.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static PositionPolicy parse(String text) {
    for (PositionPolicy policy : values()) {
      if (policy.toString().equals(text)) {
        return policy;
      }
    }
    throw new IllegalArgumentException(
        "positions must be tile, stretch or native, was '" + text + "': choose one of them");
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
