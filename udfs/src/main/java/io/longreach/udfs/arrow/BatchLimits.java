package io.longreach.udfs.arrow;

import java.io.Serializable;

/**
 * How large a batch may grow: never counted in rows, because one row may be a tweet or a book. A
 * document beyond the limits is a batch of its own.
 *
 * @param tokens tokens of all documents together
 * @param bytes UTF-8 bytes of all texts together
 */
public record BatchLimits(long tokens, long bytes) implements Serializable {

  /** Enough tokens to keep the kernels busy, few enough to stay in the caches' reach. */
  public static final BatchLimits DEFAULT = new BatchLimits(8192, 64L << 20);

  public BatchLimits {
    if (tokens < 1 || bytes < 1) {
      throw new IllegalArgumentException(
          "batch limits must be at least 1, were " + tokens + " tokens and " + bytes + " bytes");
    }
  }
}
