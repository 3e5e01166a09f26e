package io.longreach.kernels.device;

/**
 * A float32 matrix that lives where its device keeps it. Row-major in meaning; opaque in layout.
 */
public interface Matrix {
  int rows();

  int columns();
}
