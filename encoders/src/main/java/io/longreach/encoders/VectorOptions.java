package io.longreach.encoders;

import java.io.Serializable;

/**
 * Which vector a document's states become.
 *
 * @param pooling how tokens become one vector; {@link Pooling#AUTO} for what the model was made for
 * @param dimensions how many of the vector's first dimensions are kept, 0 for all
 * @param scale whether the vector has length one
 */
public record VectorOptions(Pooling pooling, int dimensions, Scale scale) implements Serializable {

  /** Length of a vector. */
  public enum Scale {
    /** One: dot products are cosines. */
    UNIT,
    /** As pooled. */
    RAW
  }

  public VectorOptions {
    if (dimensions < 0) {
      throw new IllegalArgumentException(
          "dimensions must not be negative, was " + dimensions + ": use 0 for all of them");
    }
  }

  public static VectorOptions defaults() {
    return new VectorOptions(Pooling.AUTO, 0, Scale.UNIT);
  }

  /**
   * The vector of tokens {@code [firstToken, lastToken)}.
   *
   * @param modelPooling what {@link Pooling#AUTO} means
   * @throws IllegalArgumentException if the model has fewer dimensions than asked for
   */
  public float[] vector(Pooling modelPooling, HiddenStates states, int firstToken, int lastToken) {
    Pooling pooled = pooling == Pooling.AUTO ? modelPooling : pooling;
    return finish(pooled.pool(states, firstToken, lastToken));
  }

  /** Length of the vectors of a model with so many columns. */
  public int dimensions(int columns) {
    if (dimensions > columns) {
      throw new IllegalArgumentException(
          "dimensions must be at most the model's "
              + columns
              + ", was "
              + dimensions
              + ": keep fewer, or choose another model");
    }
    return dimensions == 0 ? columns : dimensions;
  }

  private float[] finish(double[] pooled) {
    float[] vector = new float[dimensions(pooled.length)];
    double squares = 0;
    for (int i = 0; i < vector.length; i++) {
      squares += pooled[i] * pooled[i];
    }
    double length = scale == Scale.RAW ? 1 : Math.max(Math.sqrt(squares), Double.MIN_NORMAL);
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) (pooled[i] / length);
    }
    return vector;
  }
}
