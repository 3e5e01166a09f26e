package io.longreach.kernels.plan;

import io.longreach.kernels.pattern.Lsh;
import java.util.BitSet;

/**
 * What decides the LSH attention of a document besides its rows.
 *
 * @param rotations null for a document that is seen whole
 * @param valid tokens that are no padding, null for all
 */
public record LshDocument(Lsh lsh, LshRotations rotations, int tokens, BitSet valid) {

  public LshDocument {
    PlanChecks.positive("tokens", tokens);
    if (rotations == null && tokens > lsh.chunkTokens()) {
      throw new IllegalArgumentException(
          "a document of more than one chunk must have rotations: draw them for " + lsh);
    }
  }

  /** Whether it is at most one chunk, and seen whole, without hashing. */
  public boolean isWhole() {
    return tokens <= lsh.chunkTokens();
  }

  /** What makes its buckets; null if it {@link #isWhole}. */
  public LshBuckets hash() {
    return isWhole() ? null : new LshBuckets(lsh, tokens, rotations);
  }
}
