package io.longreach.kernels.cuda;

/** A GPU has no memory left for what was asked; with less work at a time it may. */
public final class CudaOutOfMemoryException extends CudaException {
  private static final long serialVersionUID = 1;

  public CudaOutOfMemoryException(String message) {
    super(message);
  }
}
