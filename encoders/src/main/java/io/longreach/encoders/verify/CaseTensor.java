package io.longreach.encoders.verify;

import java.util.Arrays;

/** A tensor of a case, row-major. */
record CaseTensor(String name, int[] shape, double[] values) {

  int axis(int axis) {
    return shape[axis];
  }

  /**
   * Checks the shape; -1 stands for any length.
   *
   * @throws IllegalArgumentException if it is another
   */
  CaseTensor shaped(int... expected) {
    boolean fits = expected.length == shape.length;
    for (int axis = 0; fits && axis < expected.length; axis++) {
      fits = expected[axis] < 0 || expected[axis] == shape[axis];
    }
    if (!fits) {
      throw new IllegalArgumentException(
          name
              + " must have shape "
              + Arrays.toString(expected)
              + ", had "
              + Arrays.toString(shape));
    }
    return this;
  }

  /** The part at an index of the first axis. */
  CaseTensor at(int index) {
    int size = shape[0] == 0 ? 0 : values.length / shape[0];
    int from = index * size;
    int[] rest = Arrays.copyOfRange(shape, 1, shape.length);
    return new CaseTensor(name, rest, Arrays.copyOfRange(values, from, from + size));
  }

  /** A tensor of two axes as rows. */
  double[][] rows() {
    double[][] rows = new double[shape[0]][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Arrays.copyOfRange(values, row * shape[1], (row + 1) * shape[1]);
    }
    return rows;
  }

  int[] ints() {
    return Arrays.stream(values).mapToInt(value -> (int) value).toArray();
  }

  float[] floats() {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
