package io.longreach.encoders.transformer;

/** The heads of a layer. */
public record HeadShape(int heads, int headDim) {
  public HeadShape {
    if (heads < 1 || headDim < 1) {
      throw new IllegalArgumentException(
          "heads and headDim must be positive, were "
              + heads
              + " and "
              + headDim
              + ": check the model's configuration");
    }
  }

  /** Columns of all heads. */
  public int columns() {
    return Math.multiplyExact(heads, headDim);
  }

  /** The usual 1 / sqrt(headDim). */
  public float softmaxScale() {
    return (float) (1 / Math.sqrt(headDim));
  }
}
