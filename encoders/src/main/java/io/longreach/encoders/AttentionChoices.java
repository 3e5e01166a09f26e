package io.longreach.encoders;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What a checkpoint leaves open about its own attention: plain strings, as they travel.
 *
 * @param globalTokens of models that project global tokens apart (Longformer): {@code auto} or
 *     {@code cls} for the first token, {@code none}, or positions and ranges of them, such as
 *     {@code "0, 5, 8-11"}; those beyond a document's end are left out
 * @param bigBirdRandom random blocks of a BigBird: {@code drawn} as it was trained, or {@code zero}
 *     as today's published implementation computes it
 */
public record AttentionChoices(String globalTokens, String bigBirdRandom) implements Serializable {
  private static final int MOST_GLOBAL_TOKENS = 1 << 16;

  public AttentionChoices {
    Objects.requireNonNull(globalTokens, "globalTokens");
    Objects.requireNonNull(bigBirdRandom, "bigBirdRandom");
  }

  public static AttentionChoices defaults() {
    return new AttentionChoices("auto", "drawn");
  }

  /** Ascending positions; empty for {@code auto}. */
  Optional<List<Integer>> globalPositions() {
    return globalPositions(globalTokens);
  }

  /**
   * Global tokens in their text form.
   *
   * @return ascending positions; empty for {@code auto}
   * @throws IllegalArgumentException if it is none
   */
  static Optional<List<Integer>> globalPositions(String globalTokens) {
    return switch (globalTokens) {
      case "auto" -> Optional.empty();
      case "none" -> Optional.of(List.of());
      case "cls" -> Optional.of(List.of(0));
      default -> Optional.of(positions(globalTokens));
    };
  }

  private static List<Integer> positions(String globalTokens) {
    TreeSet<Integer> positions = new TreeSet<>();
    for (String part : globalTokens.split(",", -1)) {
      String[] ends = part.strip().split("-", -1);
      boolean range = ends.length <= 2;
      for (String end : ends) {
        range &= end.matches("\\d{1,9}");
      }
      if (!range) {
        throw wrong(globalTokens);
      }
      int first = Integer.parseInt(ends[0]);
      int last = Integer.parseInt(ends[ends.length - 1]);
      if (last < first || (long) last - first + positions.size() >= MOST_GLOBAL_TOKENS) {
        throw wrong(globalTokens);
      }
      for (int position = first; position <= last; position++) {
        positions.add(position);
      }
    }
    return new ArrayList<>(positions);
  }

  private static IllegalArgumentException wrong(String globalTokens) {
    return new IllegalArgumentException(
        "globalTokens must be auto, none, cls or positions, was '"
            + globalTokens
            + "': write for example '0, 5, 8-11', at most "
            + MOST_GLOBAL_TOKENS
            + " of them");
  }

  /** Whether the random blocks are all block 0. */
  boolean zeroBlocks() {
    return switch (bigBirdRandom) {
      case "drawn" -> false;
      case "zero" -> true;
      default ->
          throw new IllegalArgumentException(
              "bigBirdRandom must be drawn or zero, was '"
                  + bigBirdRandom
                  + "': choose one of them");
    };
  }
}
