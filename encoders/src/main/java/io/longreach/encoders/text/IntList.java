package io.longreach.encoders.text;

import java.util.Arrays;

/** A growing int array: 4 bytes per token where a list of boxes takes 20. */
final class IntList {
  private static final int LIMIT = Integer.MAX_VALUE - 8;

  private int[] values;
  private int size;

  IntList(int capacity) {
    values = new int[capacity];
  }

  void add(int value) {
    reserve(1);
    values[size++] = value;
  }

  void addAll(int[] more) {
    addAll(more, 0);
  }

  void addAll(int[] more, int first) {
    reserve(more.length - first);
    System.arraycopy(more, first, values, size, more.length - first);
    size += more.length - first;
  }

  int size() {
    return size;
  }

  int[] toArray() {
    return size == values.length ? values : Arrays.copyOf(values, size);
  }

  private void reserve(int more) {
    int needed = Math.addExact(size, more);
    if (needed > values.length) {
      long grown = Math.min(LIMIT, values.length + (long) (values.length >> 1) + 16);
      values = Arrays.copyOf(values, Math.max(needed, (int) grown));
    }
  }
}
