package io.longreach.kernels.plan;

/** What every plan checks about its arrays; messages say rule, value, remedy. */
final class PlanChecks {
  private PlanChecks() {}

  static void range(int firstQuery, int lastQuery, int queries) {
    if (firstQuery < 0 || lastQuery < firstQuery || lastQuery > queries) {
      throw new IllegalArgumentException(
          "range must lie within the queries [0, "
              + queries
              + "), was ["
              + firstQuery
              + ", "
              + lastQuery
              + "): plan a smaller range");
    }
  }

  static void offsets(String part, int[] offsets, int rows, int entries) {
    length(part, offsets, rows + 1);
    if (offsets[0] != 0 || offsets[rows] != entries) {
      throw new IllegalArgumentException(
          part
              + " must run from 0 to the number of entries "
              + entries
              + ", ran from "
              + offsets[0]
              + " to "
              + offsets[rows]
              + ": count the entries again");
    }
    for (int row = 0; row < rows; row++) {
      if (offsets[row + 1] < offsets[row]) {
        throw new IllegalArgumentException(
            part
                + " must not decrease, was "
                + offsets[row]
                + " then "
                + offsets[row + 1]
                + " at "
                + row
                + ": list the entries in the order of their tiles");
      }
    }
  }

  static void length(String part, int[] array, int length) {
    if (array.length != length) {
      throw new IllegalArgumentException(
          part
              + " must have "
              + length
              + " elements, had "
              + array.length
              + ": size it by the plan's other parts");
    }
  }

  static void below(String part, int[] array, int from, int to, int limit) {
    for (int i = from; i < to; i++) {
      if (array[i] < 0 || array[i] >= limit) {
        throw new IllegalArgumentException(
            part
                + " must lie in [0, "
                + limit
                + "), was "
                + array[i]
                + " at "
                + i
                + ": no such rank");
      }
    }
  }

  static void positive(String part, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          part + " must be positive, was " + value + ": choose at least 1");
    }
  }
}
