package io.longreach.kernels.pattern;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * One line of a choice by layer or head: {@code 0-3: window(64)}, or {@code *: dense} for those
 * that no other line names.
 *
 * @param numbers the layers or heads; empty for the rest
 */
public record Choice(List<Range> numbers, AttentionPattern pattern) {
  public Choice {
    numbers = Range.merge(numbers);
    Objects.requireNonNull(pattern, "pattern");
  }

  static AttentionPattern pick(List<Choice> choices, String kind, int number) {
    AttentionPattern rest = null;
    for (Choice choice : choices) {
      if (Range.anyContains(choice.numbers, number)) {
        return choice.pattern;
      }
      if (choice.numbers.isEmpty()) {
        rest = choice.pattern;
      }
    }
    if (rest == null) {
      throw new IllegalArgumentException(
          "every "
              + kind
              + " must have a pattern, "
              + kind
              + " "
              + number
              + " has none in '"
              + join(choices)
              + "': add '; *: dense' or the like");
    }
    return rest;
  }

  static List<Choice> check(List<Choice> choices, String kind) {
    if (choices.isEmpty()) {
      throw new IllegalArgumentException(
          "choices by " + kind + " must not be empty: add '*: dense'");
    }
    for (int i = 0; i < choices.size(); i++) {
      for (int j = 0; j < i; j++) {
        choices.get(i).rejectOverlap(choices.get(j), kind);
      }
    }
    return List.copyOf(choices);
  }

  private void rejectOverlap(Choice other, String kind) {
    if (numbers.isEmpty() && other.numbers.isEmpty()) {
      throw new IllegalArgumentException(
          "'*' must stand once, stood twice: name the " + kind + "s");
    }
    for (Range a : numbers) {
      for (Range b : other.numbers) {
        if (a.first() <= b.last() && b.first() <= a.last()) {
          throw new IllegalArgumentException(
              "a "
                  + kind
                  + " must have one pattern, "
                  + kind
                  + " "
                  + Math.max(a.first(), b.first())
                  + " has two: "
                  + this
                  + " and "
                  + other);
        }
      }
    }
  }

  static String join(List<Choice> choices) {
    return choices.stream().map(Choice::toString).collect(Collectors.joining("; "));
  }

  @Override
  public String toString() {
    return (numbers.isEmpty() ? "*" : Range.join(numbers, ",")) + ": " + pattern;
  }
}
