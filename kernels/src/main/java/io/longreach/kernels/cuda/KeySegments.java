package io.longreach.kernels.cuda;

import io.longreach.kernels.device.Device.PlacedRows;

/**
 * A document of linear attention in segments, each of whose keys are summed up by themselves. They
 * follow from its length alone: so do the roundings of its sums.
 *
 * @param segmentTokens a multiple of {@link #TILE}
 */
record KeySegments(int firstRow, int tokens, int segmentTokens) {
  /** Tokens that a block takes at a time. */
  static final int TILE = 64;

  /** Of a document in one launch: enough for any GPU, and bounded sums. */
  static final int MOST_AT_ONCE = 64;

  private static final int MOST_SEGMENT_TOKENS = 4096;

  static KeySegments of(PlacedRows document) {
    int even = CudaRows.blocks(document.tokens(), MOST_AT_ONCE);
    int tiles = CudaRows.blocks(even, TILE);
    int segmentTokens = Math.min(MOST_SEGMENT_TOKENS, tiles * TILE);
    return new KeySegments(document.firstRow(), document.tokens(), segmentTokens);
  }

  int count() {
    return CudaRows.blocks(tokens, segmentTokens);
  }

  int first(int segment) {
    return firstRow + segment * segmentTokens;
  }

  int last(int segment) {
    return firstRow + (int) Math.min(tokens, (segment + 1L) * segmentTokens);
  }
}
