package io.longreach.encoders.family;

/** Named float32 tensors. */
public interface TensorSource {
  boolean has(String name);

  /**
   * @throws IllegalArgumentException if there is no such tensor
   */
  int[] shape(String name);

  /** The values, row-major; the caller may keep the array. */
  float[] read(String name);

  /** Where a tensor is, for messages: the file, if it is known, and the name. */
  default String place(String name) {
    return "tensor " + name;
  }
}
