package io.longreach.kernels.cuda;

/** A GPU, its driver or its stand-in cannot do what was asked; the message says what helps. */
public class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public CudaException(String message) {
    super(message);
  }

  public CudaException(String message, Throwable cause) {
    super(message, cause);
  }
}
