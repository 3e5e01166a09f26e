package io.longreach.kernels.cuda;

import java.util.Arrays;

/** Ints that become a kernel's argument. */
final class IntArray {
  private int[] values = new int[64];
  private int size;

  void add(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, Math.multiplyExact(size, 2));
    }
    values[size++] = value;
  }

  void add(int... more) {
    for (int value : more) {
      add(value);
    }
  }

  void set(int index, int value) {
    values[index] = value;
  }

  int size() {
    return size;
  }

  int[] toArray() {
    return Arrays.copyOf(values, size);
  }
}
